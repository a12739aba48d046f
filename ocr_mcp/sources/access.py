"""Which files may be read, and reading them so that what was checked is what is read.

A path is checked twice: before it is opened, so that a denied path is never touched, and by the descriptor's own real
path after it, because a folder on the way may have become a link in between.
"""

import errno
import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ocr_mcp.errors import (
    AccessDeniedError,
    EmptySourceError,
    NotRegularFileError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
    SourceTooLargeError,
    UsageError,
)
from ocr_mcp.sources.missing import hint_for_missing

_SYSTEM_FOLDERS = (Path("/proc"), Path("/sys"), Path("/dev"))
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer would wait for ever
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_MAC_MAX_PATH = 1024


@dataclass(frozen=True)
class AccessPolicy:
    """`allowed_folders` None allows everything that the user may read; an empty tuple allows nothing."""

    allowed_folders: tuple[Path, ...] | None
    allow_urls: bool
    max_bytes: int = 512 * 1024 * 1024

    def permits(self, real_path: Path) -> bool:
        """Whether a path, links resolved, lies in an allowed folder."""
        if self.allowed_folders is None:
            return True
        return any(real_path.is_relative_to(os.path.realpath(folder)) for folder in self.allowed_folders)


def read_file(path: Path, policy: AccessPolicy) -> bytes:
    """The bytes of a regular file that the policy permits. Blocks; raises the `SourceError` that says why not."""
    named = Path(os.path.realpath(path))
    _check_permitted(named, path, policy)
    with _explaining(path):
        _check_regular(path.stat(), named, path)
        descriptor = os.open(path, _FLAGS)
        try:
            _check_permitted(_real_path(descriptor, path), path, policy)
            return _read_unchanged(descriptor, named, path, policy.max_bytes)
        finally:
            os.close(descriptor)


def display_name(path: Path) -> str:
    """The file's name as text that any reader accepts: a name that is not UTF-8 gets replacement characters."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _read_unchanged(descriptor: int, named: Path, path: Path, max_bytes: int) -> bytes:
    before = os.fstat(descriptor)
    _check_regular(before, named, path)
    if before.st_size == 0:
        raise EmptySourceError(
            f"'{display_name(path)}' is empty.", hint="Check that it was saved or copied completely."
        )
    check_size(before.st_size, display_name(path), max_bytes)
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        data = file.read(before.st_size + 1)
    after = os.fstat(descriptor)
    if (len(data), after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        raise SourceChangedError(
            f"'{display_name(path)}' was written to while it was read.", hint="Try again when it is complete."
        )
    return data


def check_size(byte_count: int, name: str, max_bytes: int) -> None:
    """Raise `SourceTooLargeError` above the limit."""
    if byte_count > max_bytes:
        raise SourceTooLargeError(
            f"'{name}' has {byte_count / 1e6:.0f} MB; the limit is {max_bytes / 1e6:.0f} MB.",
            hint="Split it, or raise the limit in the settings.",
        )


def _check_permitted(real_path: Path, path: Path, policy: AccessPolicy) -> None:
    if policy.permits(real_path):
        return
    folders = ", ".join(str(folder) for folder in policy.allowed_folders or ()) or "none"
    raise AccessDeniedError(
        f"'{display_name(path)}' is outside the folders that may be read.",
        hint=hint_for_missing(path, may_look=False)
        or f"Allowed: {folders}. Copy the file there, or allow its folder in the settings.",
    )


def _check_regular(status: os.stat_result, named: Path, path: Path) -> None:
    name = display_name(path) or str(path)
    if stat.S_ISDIR(status.st_mode):
        raise NotRegularFileError(f"'{name}' is a folder.", hint="Name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularFileError(f"'{name}' is a pipe, socket or device.", hint="Save its content to a file first.")
    if any(named.is_relative_to(folder) for folder in _SYSTEM_FOLDERS):
        raise NotRegularFileError(
            f"'{name}' belongs to the system and is no document.", hint="Name a file of your own."
        )


def _real_path(descriptor: int, path: Path) -> Path:
    """Where the open file really is, asked of the descriptor where the system can tell."""
    if sys.platform == "linux":
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    if sys.platform == "darwin":
        import fcntl

        return Path(os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(_MAC_MAX_PATH)).rstrip(b"\0")))
    return Path(os.path.realpath(path))


@contextmanager
def _explaining(path: Path) -> Generator[None, None, None]:
    """The system's errors as sentences. Only for permitted paths: the hint names files of the folder."""
    name = display_name(path)
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = hint_for_missing(path, may_look=True) or "Check the path."
        raise SourceNotFoundError(f"There is no file '{name}' at that path.", hint=hint) from error
    except PermissionError as error:
        raise AccessDeniedError(
            f"The system does not let you read '{name}'.", hint="Check the file's permissions."
        ) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError(
                f"The path is too long ({len(str(path))} characters).", hint="Send base64 data as a data: URL."
            ) from error
        raise SourceError(f"'{name}' cannot be read: {error.strerror}.", hint="Copy it to a local disk.") from error
