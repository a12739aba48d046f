"""The types of a family's special tokens in a GGUF file, and the bytes to change so that servers write the tokens.

A server that runs llama.cpp leaves tokens of the type CONTROL out of its answers and writes those of the type
USER_DEFINED [llama.cpp, llama_vocab::token_to_piece]. Where a published file calls the tokens around regions and table
cells CONTROL, Ollama 0.30 and later drops them. Imports `gguf`, an extra, when a file is looked at.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocr_mcp.errors import EngineUnavailableError, ModelFileError
from ocr_mcp.families.registry import families_with_special_tokens

if TYPE_CHECKING:
    from gguf import GGUFReader

CONTROL_TYPE = 3
USER_DEFINED_TYPE = 4
"""Values of llama.cpp's `llama_token_type`."""

_TOKENS, _TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes to put at an offset in place of those that are there."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class MarkTypes:
    """The special tokens that a file has, those of them that a server would drop, and the edits that end that."""

    known: tuple[str, ...]
    dropped: tuple[str, ...]
    edits: tuple[Edit, ...]


def known_marks(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the special tokens that a vocabulary has."""
    return tuple(tokens[index] for index in _indexes(tokens))


def dropped_marks(tokens: Sequence[str], types: Sequence[int]) -> tuple[str, ...]:
    """Return the special tokens that llama.cpp leaves out of answers, by a vocabulary and its types."""
    return tuple(tokens[index] for index in _indexes(tokens) if index < len(types) and types[index] == CONTROL_TYPE)


def read_mark_types(path: Path) -> MarkTypes | None:
    """Read the types from a GGUF file; None where it has no vocabulary, as the file of an image encoder.

    Takes some seconds. Raises `ModelFileError` for a file that is no GGUF file or cannot be read, and
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
    wanted = (first * 0 + USER_DEFINED_TYPE).astype(first.dtype).tobytes()  # in the file's own size and byte order
    known = _indexes(names)
    dropped = [index for index in known if values[index] == CONTROL_TYPE]
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


def _indexes(tokens: Sequence[str]) -> list[int]:
    wanted = _special_tokens()
    return [index for index, token in enumerate(tokens) if token in wanted]


def _special_tokens() -> Collection[str]:
    """Return the tokens of all families, because a file seldom says which family it is of."""
    return frozenset(token for family in families_with_special_tokens() for token in family.special_tokens)
