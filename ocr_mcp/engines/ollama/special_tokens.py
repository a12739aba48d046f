"""The tokens with which DeepSeek-OCR marks regions and cells, and where a GGUF file says of which type they are.

A server that runs llama.cpp leaves tokens of the type CONTROL out of its answers and writes those of the type
USER_DEFINED [llama.cpp, llama_vocab::token_to_piece]. The published file calls all marks CONTROL, so that Ollama 0.30
and later drops them. Imports `gguf`, an extra, when a file is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocr_mcp.errors import EngineUnavailableError, ModelFileError

if TYPE_CHECKING:
    from gguf import GGUFReader

MARKS = (
    "<|ref|>",
    "<|/ref|>",
    "<|det|>",
    "<|/det|>",
    "<|grounding|>",
    "<td>",
    "</td>",
    "<tr>",
    "</tr>",
)
"""By name: their numbers differ between files. `<|grounding|>` stands in prompts only, and is of their kind."""

CONTROL = 3
USER_DEFINED = 4
"""Of `llama_token_type`."""

_TOKENS, _TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes to stand at an offset in place of those that are there."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class MarkTypes:
    """The marks that a file has, those of them that a server would drop, and what has to change for that to end."""

    known: tuple[str, ...]
    dropped: tuple[str, ...]
    edits: tuple[Edit, ...]


def dropped_marks(tokens: Sequence[str], types: Sequence[int]) -> tuple[str, ...]:
    """The marks that llama.cpp leaves out of answers, by a vocabulary and its types."""
    return tuple(tokens[index] for index in _marks(tokens) if index < len(types) and types[index] == CONTROL)


def known_marks(tokens: Sequence[str]) -> tuple[str, ...]:
    """The marks that a vocabulary has."""
    return tuple(tokens[index] for index in _marks(tokens))


def read_mark_types(path: Path) -> MarkTypes | None:
    """What a GGUF file says; None where it has no vocabulary, as the file of an image encoder.

    Takes some seconds. Raises `ModelFileError` for what is no GGUF file or cannot be read, and
    `EngineUnavailableError` where `gguf` is not installed.
    """
    reader_of = _reader_class()
    try:
        return _mark_types(reader_of(path))
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, IndexError) as error:
        raise ModelFileError(f"'{path}' is no GGUF file that can be read ({error}).") from error


def _mark_types(reader: "GGUFReader") -> MarkTypes | None:
    tokens, types = reader.get_field(_TOKENS), reader.get_field(_TYPES)
    if tokens is None or types is None:
        return None
    names: list[str] = tokens.contents()
    values: list[int] = types.contents()
    if len(values) != len(names):
        raise ValueError("a vocabulary without a type for each token")
    first = types.parts[types.data[0]]
    start = first.ctypes.data - reader.data.ctypes.data
    wanted = (first * 0 + USER_DEFINED).astype(first.dtype).tobytes()  # in the file's own size and byte order
    known = _marks(names)
    dropped = [index for index in known if values[index] == CONTROL]
    edits = (Edit(start + index * first.nbytes, wanted) for index in dropped)
    return MarkTypes(tuple(names[i] for i in known), tuple(names[i] for i in dropped), tuple(edits))


def _reader_class() -> "type[GGUFReader]":
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise EngineUnavailableError(
            "Changing a model's file needs the package 'gguf', which is not installed.",
            hint="Install it with \"pip install 'ollama-ocr-mcp[retag]'\".",
        ) from error
    return GGUFReader


def _marks(tokens: Sequence[str]) -> list[int]:
    wanted = frozenset(MARKS)
    return [index for index, token in enumerate(tokens) if token in wanted]
