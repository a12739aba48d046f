"""The places of results: a stream that takes all of them, or files that appear whole or not at all."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ocr_mcp.errors import OutputError
from ocr_mcp.files.atomic_file import AtomicFile


class Product(Protocol):
    """The place of one document's result."""

    async def write(self, data: bytes) -> None:
        """Append bytes. Raises `OutputError`."""
        ...

    def finish(self) -> None:
        """Keep what was written. Raises `OutputError`."""
        ...


class Stream(Protocol):
    """A place that takes the results of all documents, one after the other, such as stdout."""

    @property
    def is_terminal(self) -> bool:
        """True if a person sees the bytes as they are written."""
        ...

    def open(self) -> Product:
        """Return the place of the next document's result. Raises `OutputError`."""
        ...


@contextmanager
def open_product(path: Path | None, stream: Stream) -> Generator[Product]:
    """A new file, or the stream for None. A file that is not finished when the context is left never was there."""
    if path is None:
        yield stream.open()
        return
    with open_file(path) as file:
        yield file


@contextmanager
def open_file(path: Path) -> Generator[Product]:
    """A file that replaces the one at `path` when it is finished. Its folder is made. Raises `OutputError`."""
    with _explaining(path):
        _check_replaceable(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = AtomicFile(path, replaces=True)
    try:
        yield _FileProduct(file)
    finally:
        file.discard()


class _FileProduct:
    def __init__(self, file: AtomicFile) -> None:
        self._file = file

    async def write(self, data: bytes) -> None:
        with _explaining(self._file.target):
            self._file.write(data)

    def finish(self) -> None:
        with _explaining(self._file.target):
            self._file.publish()


@contextmanager
def _explaining(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"'{path}' could not be written: {error.strerror}.", hint="Choose another place with -o."
        ) from error


def _check_replaceable(path: Path) -> None:
    """Refuse to make a file of a device or a pipe: as root, `-o /dev/null` would replace it for the whole machine."""
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise OutputError(
            f"'{path}' is {kind}, and the result is a file.", hint="Choose another place with -o, or -o - for stdout."
        )
