"""Calls of `/api/generate` as the test Ollama takes them."""

import base64
import io
from dataclasses import dataclass
from functools import cached_property

from PIL import Image

_HEAD_CHARACTERS = 32 * 1024
"""Of the base64 text of a picture, in which its size is found without all of it being decoded."""


@dataclass(frozen=True)
class GenerateCall:
    """A call of `/api/generate` as an answer may depend on it. `encoded` is its picture in base64."""

    body: dict[str, object]
    prompt: str
    encoded: str
    width: int
    height: int

    @cached_property
    def image(self) -> bytes:
        """The picture's file."""
        return base64.b64decode(self.encoded, validate=True)


def call_of(body: dict[str, object]) -> GenerateCall:
    """The call in the body of a request."""
    images = body["images"]
    if not isinstance(images, list):
        raise TypeError("images is a list")
    encoded = str(images[0])  # pyright: ignore[reportUnknownArgumentType] # any JSON
    width, height = _size_of(encoded[:_HEAD_CHARACTERS]) or _size_of(encoded) or (0, 0)
    return GenerateCall(body=body, prompt=str(body["prompt"]), encoded=encoded, width=width, height=height)


def _size_of(encoded: str) -> tuple[int, int] | None:
    try:
        with Image.open(io.BytesIO(base64.b64decode(encoded, validate=True))) as picture:
            return picture.size
    except OSError:  # its size is behind its metadata
        return None


def predict_limit(call: GenerateCall) -> int:
    """How many tokens the answer may have."""
    options = call.body.get("options")
    limit: object = options.get("num_predict") if isinstance(options, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # any JSON
    return limit if isinstance(limit, int) and limit > 0 else 10**6
