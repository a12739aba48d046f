"""Files that appear whole or not at all.

The bytes go to a part file beside the target, which takes the target's name in one step. A part file is locked while
its process lives; the system takes the lock away with the process, however it ends. Parts without a lock are deleted
by the next process that writes to the same folder.
"""

import errno
import hashlib
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

PART_SUFFIX = ".ocr-mcp-part"
"""End of a part file's name, which begins with a dot."""

_OLD_PREFIX, _OLD_SUFFIX = ".ocr-mcp-", ".part"
"""Earlier versions named the parts of the command line so; their leftovers are swept too."""

_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
"""Errors of a file system that has no hard links."""

_SWEPT: set[tuple[int, int]] = set()
"""Device and inode of the folders that this process has swept."""


class AtomicFile:
    """A part file that becomes `target` when it is published. All methods block and raise `OSError`.

    `folder` is an open descriptor of the target's folder: the file then stays in that folder, whatever becomes of its
    path. Systems without `dir_fd` pass None. A target that exists is left alone unless the file `replaces` it.
    """

    def __init__(self, target: Path, *, folder: int | None = None, replaces: bool) -> None:
        self.target = target
        self._folder = folder
        self._replaces = replaces
        self._base = target.parent if folder is None else Path()
        sweep(target.parent if folder is None else folder)
        self._part, descriptor = self._create()
        self._file = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes written so far, in hexadecimal digits."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._digest.update(data)
        self._file.write(data)

    def publish(self) -> None:
        """Flush the bytes to the disk and give the file its name. Raises `FileExistsError` where it may not replace."""
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._replaces:
            self._keep_permissions()
        self._file.close()
        self._take_name()

    def discard(self) -> None:
        """Delete the part file. Does nothing after `publish`."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            os.unlink(self._part, dir_fd=self._folder)

    @property
    def _name(self) -> Path:
        return self._base / self.target.name

    def _create(self) -> tuple[Path, int]:
        # The bytes of a private file stay private while they are written; the umask decides for a new one.
        mode = 0o666 if self._mode_of_target() is None else 0o600
        while True:
            part = self._base / f".{secrets.token_hex(8)}{PART_SUFFIX}"
            descriptor = os.open(part, _FLAGS, mode, dir_fd=self._folder)
            lock_part(descriptor)
            if sys.platform == "win32" or os.fstat(descriptor).st_nlink:
                return part, descriptor
            os.close(descriptor)  # another process swept the part before it was locked

    def _mode_of_target(self) -> int | None:
        try:
            return os.stat(self._name, dir_fd=self._folder).st_mode & 0o777
        except FileNotFoundError:
            return None

    def _keep_permissions(self) -> None:
        mode = self._mode_of_target()
        if mode is not None and sys.platform != "win32":
            os.fchmod(self._file.fileno(), mode)

    def _take_name(self) -> None:
        if not self._replaces:
            try:
                self._link()
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
            else:
                os.unlink(self._part, dir_fd=self._folder)
                return
        os.replace(self._part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _link(self) -> None:
        # A link that somebody put in the place of the part is not followed.
        folder = self._folder
        os.link(self._part, self._name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)


def lock_part(descriptor: int) -> None:
    """Lock a part file for as long as this process lives."""
    if sys.platform != "win32":
        import fcntl  # it does not exist on Windows

        with suppress(OSError):  # on a file system without locks nothing is swept either
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def sweep(folder: int | Path) -> None:
    """Delete the parts whose process is gone, once for each folder, as a folder can hold many files.

    `folder` is a path or an open descriptor. A folder that cannot be listed is left as it is.
    """
    with suppress(OSError):
        status = os.stat(folder)  # noqa: PTH116  it may be a descriptor
        if (status.st_dev, status.st_ino) in _SWEPT:
            return
        _SWEPT.add((status.st_dev, status.st_ino))
        for name in os.listdir(folder):  # noqa: PTH208  it may be a descriptor
            if _is_part(name):
                _delete_unlocked(name, folder)


def _is_part(name: str) -> bool:
    is_old = name.startswith(_OLD_PREFIX) and name.endswith(_OLD_SUFFIX)
    return is_old or (name.startswith(".") and name.endswith(PART_SUFFIX))


def _delete_unlocked(name: str, folder: int | Path) -> None:
    """Delete a part whose process is gone, and leave any other file alone."""
    if sys.platform == "win32":
        return
    import fcntl  # it does not exist on Windows

    path = name if isinstance(folder, int) else folder / name
    base = folder if isinstance(folder, int) else None
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=base)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path, dir_fd=base)
        finally:
            os.close(descriptor)
