"""Writing a result beneath a folder that the user named for it, complete or not at all.

Reading and writing are permitted apart: what may be read is no place to write to. Nothing may be written by default.
The bytes go to a new file in the same folder, which then takes the name in one step.
"""

import errno
import os
import secrets
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ocr_mcp.errors import OutputDeniedError, OutputError
from ocr_mcp.files import openat2
from ocr_mcp.files.access import display_name, listed, real_folders, root_of
from ocr_mcp.files.partial_files import delete_unmarked, mark_living

PART_SUFFIX = ".ocr-mcp-part"
"""How the new file's name ends until it is complete; one that a killed process left is deleted by the next one."""

_SWEPT: set[tuple[int, int]] = set()
"""Device and number of the folders that this process has looked through."""

_PART_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True)
class OutputPolicy:
    """The folders that results may be written to, none by default. Links among them are resolved when it is made."""

    folders: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", real_folders(self.folders))


def write_beneath(policy: OutputPolicy, path: Path, chunks: Iterable[bytes], *, replace: bool = False) -> Path:
    """Write a file and answer its real path. Blocks.

    Without `replace` an existing file is left alone, even one that appears meanwhile. Raises `OutputDeniedError`
    outside the folders, else `OutputError`; whatever fails, no half file is left.
    """
    with open_new_file(path, policy, replace=replace) as file:
        for chunk in chunks:
            file.write(chunk)
    return _target(path)


@contextmanager
def open_new_file(path: Path, policy: OutputPolicy, *, replace: bool = False) -> Generator[BinaryIO, None, None]:
    """A file to write to that takes its name when the block ends, and is deleted when the block fails."""
    with _explaining(path), _folder_of(path, policy) as folder:
        name = _target(path).name
        _check_place(name, folder, replace=replace)
        _sweep(folder)
        part = f".{name[:100]}.{secrets.token_hex(8)}{PART_SUFFIX}"
        descriptor = os.open(part, _PART_FLAGS, 0o666, dir_fd=folder)  # the user's umask takes the rest
        mark_living(descriptor)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            _publish(part, name, folder, replace=replace)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(part, dir_fd=folder)


@contextmanager
def _folder_of(path: Path, policy: OutputPolicy) -> Generator[int, None, None]:
    """A descriptor of the folder that the file goes to; it stays the same folder, whatever its path becomes."""
    parent = _target(path).parent
    root = root_of(parent, policy.roots)
    if root is None:
        raise _denied(path, policy)
    if os.open not in os.supports_dir_fd:
        raise OutputError("Files cannot be written safely on this system.", hint="Use the command line instead.")
    try:
        descriptor = _open_folder(root, parent)
    except OSError as error:
        raise (_denied(path, policy) if error.errno in openat2.LED_OUT else error) from error
    try:
        if not openat2.real_path(descriptor, parent).is_relative_to(root):
            raise _denied(path, policy)
        yield descriptor
    finally:
        os.close(descriptor)


def _sweep(folder: int) -> None:
    """Delete what a killed process left in the making; once for each folder, as it may hold many files."""
    status = os.fstat(folder)
    if (status.st_dev, status.st_ino) in _SWEPT:
        return
    _SWEPT.add((status.st_dev, status.st_ino))
    for name in os.listdir(folder):
        if name.startswith(".") and name.endswith(PART_SUFFIX):
            delete_unmarked(name, folder=folder)


def _open_folder(root: Path, parent: Path) -> int:
    if openat2.is_available():
        return openat2.open_folder_beneath(root, parent.relative_to(root))
    return os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _target(path: Path) -> Path:
    """The folder without links and the name as given: a link of that name is not followed."""
    return Path(os.path.realpath(path.parent)) / path.name


def _check_place(name: str, folder: int, *, replace: bool) -> None:
    if name in ("", ".", ".."):
        raise OutputError("The path names a folder and no file.", hint="Add a file name, such as report.md.")
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise OutputError(f"'{display_name(Path(name))}' is a folder, a link or a device.", hint="Take another name.")
    if not replace:
        raise _exists(name)


def _publish(part: str, name: str, folder: int, *, replace: bool) -> None:
    """Give the complete file its name."""
    if not replace:
        try:
            os.link(part, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError as error:
            raise _exists(name) from error
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
        else:
            return
    os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)  # also where the file system has no links


def _exists(name: str) -> OutputError:
    return OutputError(f"There is a file '{display_name(Path(name))}' already.", hint="Take another name.")


def _denied(path: Path, policy: OutputPolicy) -> OutputDeniedError:
    hint = f"Results may be written to: {listed(policy.folders)}."
    return OutputDeniedError(f"'{display_name(path)}' is outside the folders that may be written to.", hint=hint)


@contextmanager
def _explaining(path: Path) -> Generator[None, None, None]:
    name = display_name(path)
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise OutputError(f"There is no folder for '{name}'.", hint="Make the folder first.") from error
    except OSError as error:
        raise OutputError(f"'{name}' could not be written: {error.strerror}.", hint=_remedy(error.errno)) from error


def _remedy(number: int | None) -> str:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "Make room on that disk, or write to another one."
    return "Write to another folder."
