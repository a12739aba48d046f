"""Files in the making that a killed process left beside its results."""

import os
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, cast

PREFIX, SUFFIX = ".ocr-mcp-", ".part"


def new_part(folder: Path) -> IO[bytes]:
    """A file in the making, marked as one whose process lives; the mark goes with the process, however it ends."""
    while True:
        file = tempfile.NamedTemporaryFile("wb", dir=folder, prefix=PREFIX, suffix=SUFFIX, delete=False)  # noqa: SIM115
        mark_living(file.fileno())
        if sys.platform == "win32" or os.fstat(file.fileno()).st_nlink:
            return cast("IO[bytes]", file)
        file.close()  # another process swept it before it was marked


def mark_living(descriptor: int) -> None:
    """Say that the file's process lives."""
    if sys.platform != "win32":
        import fcntl  # it does not exist on Windows

        with suppress(OSError):  # a file system without locks: there nothing is swept either
            fcntl.flock(descriptor, fcntl.LOCK_EX)


@cache
def sweep(folder: Path) -> None:
    """Delete the files in the making whose process is gone; once in a run, as a folder can hold many results."""
    if sys.platform == "win32":
        return
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):
            _delete_unmarked(path)


def _delete_unmarked(path: Path) -> None:
    import fcntl  # it does not exist on Windows

    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    finally:
        os.close(descriptor)
