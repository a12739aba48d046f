"""Opens files beneath a folder, so that no link on the way leads out of it, whenever the link was put there.

Linux resolves the path itself (`openat2` with RESOLVE_BENEATH, since 5.6): there is no moment between a check and its
use. Elsewhere the caller opens first and then asks where the descriptor really is. A hard link is the file itself and
no way tells it from another.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_SYS_OPENAT2 = 437  # the same number on every architecture but Alpha
_AT_FDCWD = -100
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_NO_SYMLINKS = 0x04
_RESOLVE_BENEATH = 0x08
_MAX_ATTEMPTS = 100  # the kernel says EAGAIN where a rename elsewhere kept it from being sure
LED_OUT = (errno.EXDEV, errno.ELOOP)
"""Errors of `openat2` where a link would have led out, or a folder has become a link."""

_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_MAC_MAX_PATH = 1024


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


@cache
def is_available() -> bool:
    """Return True if the kernel resolves beneath a folder. A container's filter may forbid the call."""
    if sys.platform != "linux":
        return False
    try:
        os.close(_openat2(_AT_FDCWD, ".", _FOLDER_FLAGS, _RESOLVE_NO_MAGICLINKS))
    except OSError as error:
        return error.errno not in (errno.ENOSYS, errno.EPERM, errno.EINVAL)
    return True


def open_beneath(root: Path, relative: Path, flags: int) -> int:
    """Open the file at `relative` beneath `root`, whose own path must hold no link. Returns a descriptor.

    Links beneath the root are followed while they stay beneath it. Raises `OSError`; its errno is in `LED_OUT` where
    one led out, or where a part of the root's own path has become a link.
    """
    with _opened(root, _RESOLVE_NO_SYMLINKS) as folder:
        return _openat2(folder, os.fspath(relative), flags, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)


def open_folder_beneath(root: Path, relative: Path) -> int:
    """Open a folder at or beneath the root. Returns a descriptor for `dir_fd`."""
    return open_beneath(root, relative, _FOLDER_FLAGS)


def real_path(descriptor: int, path: Path) -> Path:
    """Return the real path of an open file, asked of the descriptor where the system can tell."""
    if sys.platform == "linux":
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    if sys.platform == "darwin":
        import fcntl

        return Path(os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(_MAC_MAX_PATH)).rstrip(b"\0")))
    return Path(os.path.realpath(path))


@contextmanager
def _opened(folder: Path, resolve: int) -> Generator[int, None, None]:
    descriptor = _openat2(_AT_FDCWD, os.fspath(folder), _FOLDER_FLAGS | _path_only(), resolve)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _path_only() -> int:
    # The user may be able to search a root without being able to list it.
    return getattr(os, "O_PATH", 0)


def _openat2(folder: int, path: str, flags: int, resolve: int) -> int:
    how = _OpenHow(flags=flags, mode=0, resolve=resolve)
    for _ in range(_MAX_ATTEMPTS):
        arguments = (ctypes.c_int(folder), os.fsencode(path), ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how)))
        descriptor = int(_libc().syscall(ctypes.c_long(_SYS_OPENAT2), *arguments))
        if descriptor >= 0:
            return descriptor
        if ctypes.get_errno() not in (errno.EAGAIN, errno.EINTR):
            break
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
