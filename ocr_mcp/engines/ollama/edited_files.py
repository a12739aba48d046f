"""A file read with a few bytes changed on the way, so that nothing is copied and the original stays as it is."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from ocr_mcp.engines.ollama.special_tokens import Edit
from ocr_mcp.errors import ModelFileError

CHUNK_BYTES = 4 * 2**20

Progress = Callable[[int], None]
"""Told how many bytes are done."""


@dataclass(frozen=True, slots=True)
class Digests:
    """The SHA-256 of a file as it is and as it is after its edits, in hex."""

    original: str
    edited: str


class EditedFile:
    """`path` with `edits`, which keep its length."""

    def __init__(self, path: Path, edits: Sequence[Edit]) -> None:
        self.path = path
        self.size = _size(path)
        self._edits = sorted(edits, key=lambda edit: edit.offset)

    async def digests(self, progress: Progress) -> Digests:
        """Of one pass over the file. Raises `ModelFileError`."""
        original, edited = hashlib.sha256(), hashlib.sha256()
        async for offset, chunk in self._raw_chunks():
            await to_thread.run_sync(original.update, chunk)
            await to_thread.run_sync(edited.update, self._changed(chunk, offset))
            progress(offset + len(chunk))
        return Digests(original.hexdigest(), edited.hexdigest())

    async def chunks(self, progress: Progress) -> AsyncGenerator[bytes]:
        """The edited bytes in order. Raises `ModelFileError`."""
        async for offset, chunk in self._raw_chunks():
            yield self._changed(chunk, offset)
            progress(offset + len(chunk))

    async def _raw_chunks(self) -> AsyncGenerator[tuple[int, bytes]]:
        offset = 0
        try:
            with self.path.open("rb", buffering=0) as file:
                while chunk := await to_thread.run_sync(file.read, CHUNK_BYTES):
                    yield offset, chunk
                    offset += len(chunk)
        except OSError as error:
            raise ModelFileError(f"'{self.path}' cannot be read: {error.strerror}.") from error

    def _changed(self, chunk: bytes, offset: int) -> bytes:
        """The chunk that begins at `offset` with what of the edits lies in it."""
        end = offset + len(chunk)
        here = [edit for edit in self._edits if edit.offset < end and offset < edit.offset + len(edit.data)]
        if not here:
            return chunk
        changed = bytearray(chunk)
        for edit in here:
            for index, value in enumerate(edit.data, edit.offset - offset):
                if 0 <= index < len(changed):
                    changed[index] = value
        return bytes(changed)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise ModelFileError(f"'{path}' cannot be read: {error.strerror}.") from error
