"""Files in the making that a killed process left beside its results."""

import os
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

PREFIX, SUFFIX = ".ocr-mcp-", ".part"
_YOUNG_SECONDS = 1.0
"""A file that was made just now may not be marked yet."""


def mark_living(descriptor: int) -> None:
    """Say that the file's process lives; the mark goes with the process, however it ends."""
    if sys.platform != "win32":
        import fcntl  # it does not exist on Windows

        with suppress(OSError):  # a file system without locks: there nothing is swept either
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


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
        if time.time() - os.fstat(descriptor).st_ctime > _YOUNG_SECONDS:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    finally:
        os.close(descriptor)
