"""Stdout as the place of results, page by page."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import anyio

from ocr_mcp.cli.stopping import ReaderLeftError, is_pipe
from ocr_mcp.errors import OutputError

_PIPE_BYTES = 4096
"""A pipe that can be written to takes so much without blocking (PIPE_BUF of Linux)."""


class StdoutStream:
    """Takes the results of all documents. `hiding` puts a bar aside while text is written to the same terminal."""

    def __init__(self, hiding: Callable[[], AbstractContextManager[None]]) -> None:
        self._hiding = hiding

    @property
    def is_terminal(self) -> bool:
        """See `Stream`."""
        return sys.stdout is not None and sys.stdout.isatty()  # pyright: ignore[reportUnnecessaryComparison]  see `open`

    def open(self) -> "Stdout":
        """See `Stream`. Raises `OutputError` where the shell closed stdout."""
        if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]  a shell can close it: >&-
            raise OutputError("There is no stdout to write to.", hint="Name a file with -o.")
        return Stdout(self._hiding)


class Stdout:
    """The result of one document on stdout. A slow reader (`| less`) holds up this task and no other."""

    def __init__(self, hiding: Callable[[], AbstractContextManager[None]]) -> None:
        sys.stdout.flush()
        self._hiding = hiding
        self._descriptor = sys.stdout.fileno()
        self._is_pipe = sys.platform != "win32" and is_pipe(self._descriptor)

    async def write(self, data: bytes) -> None:
        """Write bytes. Raises `ReaderLeftError` when nobody reads any more, else `OutputError`."""
        with self._hiding():
            await self._write(memoryview(data))

    def finish(self) -> None:
        """Do nothing: the result is written already."""

    async def _write(self, left: memoryview) -> None:
        try:
            while left:
                if self._is_pipe:
                    await anyio.wait_writable(self._descriptor)
                left = left[os.write(self._descriptor, left[:_PIPE_BYTES] if self._is_pipe else left) :]
        except BrokenPipeError as error:
            raise ReaderLeftError from error
        except OSError as error:
            raise OutputError(f"The result could not be written to stdout: {error.strerror}.") from error
