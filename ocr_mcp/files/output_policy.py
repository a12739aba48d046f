"""Permission to write results, and writing them beneath the folders that the user named for it.

Folders for reading and for writing are permitted apart: a folder that may be read is no place to write to. Nothing may
be written by default.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ocr_mcp.errors import OutputDeniedError, OutputError
from ocr_mcp.files import openat2
from ocr_mcp.files.access import display_name, listed, real_folders, root_of
from ocr_mcp.files.atomic_file import AtomicFile

_NAME_HINT = "Give a file name such as report.md."
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class OutputPolicy:
    """The folders that results may be written to, none by default. Links among them are resolved when it is made."""

    folders: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", real_folders(self.folders))


@contextmanager
def open_new_file(path: Path, policy: OutputPolicy, *, replaces: str | None = None) -> Generator[AtomicFile]:
    """Open a file that takes its name when the block ends, and is deleted when the block fails. Blocks.

    Its `target` is the real path. An existing file is left alone, even one that appears meanwhile, unless its content
    has the SHA-256 `replaces`, in hexadecimal digits. Raises `OutputDeniedError` outside the folders, else
    `OutputError`.
    """
    _check_name(path)
    with _explaining(path), _folder_of(path, policy) as folder:
        target = _target(path)
        is_replaced = _is_to_replace(target.name, folder, replaces)
        file = AtomicFile(target, folder=folder, replaces=is_replaced)
        try:
            yield file
            if is_replaced:
                _is_to_replace(target.name, folder, replaces)
            _publish(file)
        finally:
            file.discard()


@contextmanager
def _folder_of(path: Path, policy: OutputPolicy) -> Generator[int, None, None]:
    """Open the folder that the file goes to. The descriptor stays with it, whatever its path becomes."""
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


def _open_folder(root: Path, parent: Path) -> int:
    if openat2.is_available():
        return openat2.open_folder_beneath(root, parent.relative_to(root))
    return os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _target(path: Path) -> Path:
    """Return the folder without links and the name as given: a link of that name is not followed."""
    return Path(os.path.realpath(path.parent)) / path.name


def _check_name(path: Path) -> None:
    """Refuse names that no person gives a result, before the file system is asked."""
    name = path.name
    if name in ("", ".", ".."):
        raise OutputError("The path names a folder and no file.", hint=_NAME_HINT)
    if _CONTROLS.search(str(path)):
        raise OutputError(f"'{display_name(path)}' holds characters that no name should.", hint=_NAME_HINT)
    if not path.stem.strip() or name != name.strip():
        raise OutputError(f"'{display_name(path)}' is blank, or begins or ends with a space.", hint=_NAME_HINT)
    if name.startswith("."):
        raise OutputError(f"'{display_name(path)}' is a hidden file, which programs read.", hint=_NAME_HINT)


def _is_to_replace(name: str, folder: int, content: str | None) -> bool:
    """Return True if a file is there that may be replaced; raise `OutputError` for everything else that is there."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode):
        raise OutputError(f"'{display_name(Path(name))}' is a folder, a link or a device.", hint="Take another name.")
    if content is None:
        raise _exists(name)
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != content:
            raise OutputError(
                f"'{display_name(Path(name))}' was changed after it was written, and is left as it is.",
                hint="Take another name, or delete that file first.",
            )
    return True


def _publish(file: AtomicFile) -> None:
    try:
        file.publish()
    except FileExistsError as error:
        raise _exists(file.target.name) from error


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
