"""Results as files, in the folders that the user named for them."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from ocr_mcp.errors import OutputError, UsageError
from ocr_mcp.files.output_policy import OutputPolicy, open_new_file

_DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a result was saved, or why the disk did not take it: then the agent still gets the text."""

    path: Path | None = None
    problem: str | None = None


class Saving:
    """Writes results. A file that was there before is not replaced, except one that this server wrote itself."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._policy = OutputPolicy(folders)
        self._written: set[Path] = set()

    @property
    def may_write(self) -> bool:
        """Whether the user named a folder for results."""
        return bool(self._policy.folders)

    async def save(self, save_to: str, parts: Iterable[str]) -> Saved:
        """Write the parts one after the other. A relative path begins in the first folder.

        Raises `OutputError` for a place that cannot be written to; a disk that fails is no error.
        """
        if not self.may_write:
            raise UsageError(
                "This server may not write files.",
                hint="Leave save_to out, or start the server with --save-dir FOLDER (OCR_MCP_OUTPUT_FOLDERS).",
            )
        try:
            path = await to_thread.run_sync(self._write, save_to, [part.encode("utf-8", "replace") for part in parts])
        except OutputError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _DISK_FAULTS:
                return Saved(problem=str(error))
            raise
        return Saved(path)

    def _write(self, save_to: str, chunks: list[bytes]) -> Path:
        path = self._policy.folders[0] / Path(save_to).expanduser()
        with open_new_file(path, self._policy, replace=path in self._written) as file:
            for chunk in chunks:
                file.write(chunk)
        self._written.add(path)
        return file.target
