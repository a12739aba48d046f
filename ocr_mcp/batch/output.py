"""Where the product goes: stdout as it comes, or a file that appears whole or not at all."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import anyio

from ocr_mcp.cli.stopping import ReaderLeftError, is_pipe
from ocr_mcp.errors import OutputError
from ocr_mcp.files.atomic_file import AtomicFile

_PIPE_BYTES = 4096
"""A pipe that can be written to takes so much without blocking (PIPE_BUF of Linux)."""


class Product(Protocol):
    """The place of one document's result."""

    async def write(self, data: bytes) -> None:
        """Add to the end. Raises `OutputError`."""
        ...

    def finish(self) -> None:
        """Keep what was written. Raises `OutputError`."""
        ...


@contextmanager
def open_product(path: Path | None) -> Generator[Product]:
    """A file, or stdout for None. What is not finished when the context is left never was there (in a file)."""
    if path is None:
        yield Stdout()
        return
    with _explaining(path):
        _check_replaceable(path)
        file = NewFile(path)
    try:
        yield file
    finally:
        file.discard()


class Stdout:
    """Stdout, page by page. A slow reader (`| less`) holds up this task and no other."""

    def __init__(self) -> None:
        if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]  a shell can close it: >&-
            raise OutputError("There is no stdout to write to.", hint="Name a file with -o.")
        sys.stdout.flush()
        self._descriptor = sys.stdout.fileno()
        self._is_pipe = sys.platform != "win32" and is_pipe(self._descriptor)

    async def write(self, data: bytes) -> None:
        """Raises `ReaderLeftError` when nobody reads any more."""
        left = memoryview(data)
        try:
            while left:
                if self._is_pipe:
                    await anyio.wait_writable(self._descriptor)
                left = left[os.write(self._descriptor, left[:_PIPE_BYTES] if self._is_pipe else left) :]
        except BrokenPipeError as error:
            raise ReaderLeftError from error
        except OSError as error:
            raise OutputError(f"The result could not be written to stdout: {error.strerror}.") from error

    def finish(self) -> None:
        """Nothing: it is written already."""


class NewFile:
    """A file that replaces the one at its path in one step."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = AtomicFile(path, replaces=True)

    async def write(self, data: bytes) -> None:
        """Append bytes."""
        with _explaining(self._path):
            self._file.write(data)

    def finish(self) -> None:
        """Put the file on the disk and in its place, with the permissions of the file that was there."""
        with _explaining(self._path):
            self._file.publish()

    def discard(self) -> None:
        """Leave nothing behind; after `finish` there is nothing to leave."""
        self._file.discard()


def write_stdout(text: str) -> None:
    """Write a short text as UTF-8, ending with a newline. A reader that left is no error."""
    if not text.endswith("\n"):
        text += "\n"
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has what it wanted (`| head`). Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise OutputError(f"The result could not be written to stdout: {error.strerror}.") from error


@contextmanager
def _explaining(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"'{path}' could not be written: {error.strerror}.", hint="Choose another place with -o."
        ) from error


def _check_replaceable(path: Path) -> None:
    """A device or a pipe must not become a file: as root, `-o /dev/null` would replace it for the whole machine."""
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise OutputError(
            f"'{path}' is {kind}, and the result is a file.", hint="Choose another place with -o, or -o - for stdout."
        )
