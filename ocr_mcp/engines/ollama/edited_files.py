"""A file read with a few bytes changed on the way, so that nothing is copied and the original stays as it is."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from ocr_mcp.engines.ollama.special_tokens import Edit
from ocr_mcp.errors import ModelFileError

CHUNK_BYTES = 4 * 2**20

ReportBytes = Callable[[int], None]
"""Called with the number of bytes that are done."""


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 of a file before and after its edits, in hex."""

    original: str
    edited: str


class EditedFile:
    """The file at `path` with `edits`, which keep its length."""

    def __init__(self, path: Path, edits: Sequence[Edit]) -> None:
        self.path = path
        self.size = _size(path)
        self._edits = sorted(edits, key=lambda edit: edit.offset)

    async def digests(self, report: ReportBytes) -> Digests:
        """Compute both digests in one pass over the file. Raises `ModelFileError`."""
        original, edited = hashlib.sha256(), hashlib.sha256()
        async for offset, chunk in self._raw_chunks():
            await to_thread.run_sync(original.update, chunk)
            await to_thread.run_sync(edited.update, self._edit(chunk, offset))
            report(offset + len(chunk))
        return Digests(original.hexdigest(), edited.hexdigest())

    async def chunks(self, report: ReportBytes) -> AsyncGenerator[bytes]:
        """Yield the edited bytes in order. Raises `ModelFileError`."""
        async for offset, chunk in self._raw_chunks():
            yield self._edit(chunk, offset)
            report(offset + len(chunk))

    async def _raw_chunks(self) -> AsyncGenerator[tuple[int, bytes]]:
        offset = 0
        try:
            with self.path.open("rb", buffering=0) as file:
                while chunk := await to_thread.run_sync(file.read, CHUNK_BYTES):
                    yield offset, chunk
                    offset += len(chunk)
        except OSError as error:
            raise ModelFileError(f"'{self.path}' cannot be read: {error.strerror}.") from error

    def _edit(self, chunk: bytes, offset: int) -> bytes:
        """Return the chunk that begins at `offset` with the parts of the edits that lie in it."""
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
