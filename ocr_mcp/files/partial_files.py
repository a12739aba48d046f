"""Files in the making: marked while their process lives, deleted when a later one finds them without their mark.

The mark is a lock that the system takes away with the process, however it ends.
"""

import os
import sys
from contextlib import suppress


def mark_living(descriptor: int) -> None:
    """Say that the file's process lives."""
    if sys.platform != "win32":
        import fcntl  # it does not exist on Windows

        with suppress(OSError):  # a file system without locks: there nothing is swept either
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def delete_unmarked(name: str | os.PathLike[str], *, folder: int | None = None) -> None:
    """Delete a file whose process is gone; leave any other alone. `folder` is a descriptor that the name begins in."""
    if sys.platform == "win32":
        return
    import fcntl  # it does not exist on Windows

    with suppress(OSError):
        descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name, dir_fd=folder)
        finally:
            os.close(descriptor)
