"""Permission to read files, and reading them so that the file that was checked is the one that is read.

A path is checked before it is opened, so that a denied path is never touched. It is then opened beneath the folder that
permits it (`openat2`), or where the system cannot do that, its descriptor is asked where it really is: a folder on the
way may have become a link in between.
"""

import errno
import os
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from ocr_mcp.files import openat2
from ocr_mcp.files.path_hints import hint_for_missing
from ocr_mcp.workers.handover import MIN_HANDOVER_BYTES, Payload, copy_sealed

_SYSTEM_FOLDERS = (Path("/proc"), Path("/sys"), Path("/dev"))
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer would wait for ever
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDERS_SHOWN = 4


@dataclass(frozen=True)
class AccessPolicy:
    """The files that may be read.

    `allowed_folders` None allows everything that the user may read; an empty tuple allows nothing.

    A folder that is a link means what it points to when the policy is made. Its path means a folder from then on: one
    that was made anew is read, a link that took its place is not followed.
    """

    allowed_folders: tuple[Path, ...] | None
    allow_urls: bool
    max_bytes: int = 512 * 1024 * 1024
    roots: tuple[Path, ...] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", None if self.allowed_folders is None else real_folders(self.allowed_folders))

    def permits(self, real_path: Path) -> bool:
        """Return True for a path without links that lies in an allowed folder."""
        return self.roots is None or root_of(real_path, self.roots) is not None


def real_folders(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return the folders as paths without links."""
    return tuple(Path(os.path.realpath(folder)) for folder in folders)


def root_of(real_path: Path, roots: Iterable[Path]) -> Path | None:
    """Return the folder of `roots` that a path without links lies in."""
    return next((root for root in roots if real_path.is_relative_to(root)), None)


def read_file(path: Path, policy: AccessPolicy) -> Payload:
    """Return the bytes of a regular file that the policy permits, sealed where that spares a copy.

    Blocks. Raises the `SourceError` that says why the file cannot be read.
    """
    with _explaining(path, policy):
        descriptor = _open_permitted(path, policy)
        try:
            return _read_unchanged(descriptor, path, policy.max_bytes)
        finally:
            os.close(descriptor)


def _open_permitted(path: Path, policy: AccessPolicy) -> int:
    # Opening by name is checked afterwards too; opening beneath a root cannot leave it.
    named = Path(os.path.realpath(path))
    if policy.roots is None:
        return _open_regular(path, named)
    root = root_of(named, policy.roots)
    if root is None:
        raise denied(path, policy)
    if openat2.is_available():
        return openat2.open_beneath(root, named.relative_to(root), _FLAGS)
    descriptor = _open_regular(path, named)
    if not policy.permits(openat2.real_path(descriptor, path)):
        os.close(descriptor)
        raise denied(path, policy)
    return descriptor


def _open_regular(path: Path, named: Path) -> int:
    _check_regular(path.stat(), named, path)
    return os.open(path, _FLAGS)


def display_name(path: Path) -> str:
    """Return the file's name as text. A name that is not UTF-8 gets replacement characters."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _read_unchanged(descriptor: int, path: Path, max_bytes: int) -> Payload:
    before = os.fstat(descriptor)
    _check_regular(before, openat2.real_path(descriptor, path), path)
    if before.st_size == 0:
        raise EmptySourceError(
            f"'{display_name(path)}' is empty.", hint="Check that it was saved or copied completely."
        )
    check_size(before.st_size, display_name(path), max_bytes)
    data = _whole(descriptor, before.st_size + 1)
    after = os.fstat(descriptor)
    if (len(data), after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        raise SourceChangedError(
            f"'{display_name(path)}' was written to while it was read.", hint="Try again when it is complete."
        )
    return data


def _whole(descriptor: int, most_bytes: int) -> Payload:
    if most_bytes > MIN_HANDOVER_BYTES and (sealed := copy_sealed(descriptor, max_bytes=most_bytes)) is not None:
        return sealed
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(most_bytes)


def check_size(byte_count: int, name: str, max_bytes: int) -> None:
    """Raise `SourceTooLargeError` above the limit."""
    if byte_count > max_bytes:
        raise SourceTooLargeError(
            f"'{name}' has {byte_count / 1e6:.0f} MB; the limit is {max_bytes / 1e6:.0f} MB.",
            hint="Split it, or raise the limit in the settings.",
        )


def denied(path: Path, policy: AccessPolicy) -> AccessDeniedError:
    """Return the error for a path that is not allowed, in the same words whether or not there is such a file."""
    return AccessDeniedError(
        f"'{display_name(path)}' is outside the folders that may be read.",
        hint=hint_for_missing(path, may_look=None)
        or f"Allowed: {listed(policy.allowed_folders or ())}. Copy the file there, or allow its folder:"
        " 'ocr-mcp serve --allow FOLDER', or OCR_MCP_ALLOWED_FOLDERS.",
    )


def listed(folders: tuple[Path, ...]) -> str:
    """Return the first few folders as text for a message."""
    shown = [os.fsencode(folder).decode("utf-8", "replace") for folder in folders[:_FOLDERS_SHOWN]]
    more = len(folders) - len(shown)
    return ", ".join([*shown, f"{more} more"] if more else shown) or "none"


def _check_regular(status: os.stat_result, named: Path, path: Path) -> None:
    name = display_name(path) or str(path)
    if stat.S_ISDIR(status.st_mode):
        raise NotRegularFileError(f"'{name}' is a folder.", hint="Name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise _no_file(name)
    if any(named.is_relative_to(folder) for folder in _SYSTEM_FOLDERS):
        raise NotRegularFileError(
            f"'{name}' belongs to the system and is no document.", hint="Name a file of your own."
        )


def _no_file(name: str) -> NotRegularFileError:
    return NotRegularFileError(f"'{name}' is a pipe, socket or device.", hint="Save its content to a file first.")


@contextmanager
def _explaining(path: Path, policy: AccessPolicy) -> Generator[None, None, None]:
    """Turn the system's errors into sentences. The hint names files of permitted folders only."""
    name = display_name(path)
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = hint_for_missing(path, may_look=lambda there: policy.permits(Path(os.path.realpath(there))))
        raise SourceNotFoundError(f"There is no file '{name}' at that path.", hint=hint or "Check the path.") from error
    except PermissionError as error:
        raise AccessDeniedError(
            f"The system does not let you read '{name}'.", hint="Check the file's permissions."
        ) from error
    except OSError as error:
        if policy.roots is not None and error.errno in openat2.LED_OUT:
            raise denied(path, policy) from error
        if error.errno == errno.ENXIO:
            raise _no_file(name) from error
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError(
                f"The path is too long ({len(str(path))} characters).", hint="Send base64 data as a data: URL."
            ) from error
        raise SourceError(f"'{name}' cannot be read: {error.strerror}.", hint="Copy it to a local disk.") from error
