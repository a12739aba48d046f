"""Calls of `/api/generate` as the test Ollama takes them."""

import base64
import io
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class GenerateCall:
    """A call of `/api/generate` as an answer may depend on it."""

    body: dict[str, object]
    prompt: str
    image: bytes
    width: int
    height: int


def call_of(body: dict[str, object]) -> GenerateCall:
    """The call in the body of a request."""
    images = body["images"]
    if not isinstance(images, list):
        raise TypeError("images is a list")
    data = base64.b64decode(str(images[0]), validate=True)  # pyright: ignore[reportUnknownArgumentType] # any JSON
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
    return GenerateCall(body=body, prompt=str(body["prompt"]), image=data, width=width, height=height)


def predict_limit(call: GenerateCall) -> int:
    """How many tokens the answer may have."""
    options = call.body.get("options")
    limit: object = options.get("num_predict") if isinstance(options, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # any JSON
    return limit if isinstance(limit, int) and limit > 0 else 10**6
