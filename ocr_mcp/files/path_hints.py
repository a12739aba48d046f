"""Hints for a path at which there is no file."""

import difflib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

_SANDBOX_FOLDERS = ("/mnt/user-data", "/mnt/data", "/home/claude")
_WINDOWS_PATH = re.compile(r"[a-z]:[\\/]|\\\\", re.IGNORECASE)
_MAX_ENTRIES = 5000


def hint_for_missing(path: Path, *, may_look: Callable[[Path], bool] | None) -> str:
    """Return the likeliest remedy, "" if there is none. Only folders that `may_look` permits are looked into."""
    written = str(path)
    if any(written == folder or written.startswith(folder + "/") for folder in _SANDBOX_FOLDERS):
        return (
            f"'{written}' is a path of a cloud sandbox, and this program runs on the user's own machine."
            " Give the path that the file has here."
        )
    if sys.platform != "win32" and _WINDOWS_PATH.match(written):
        return "That is a Windows path, and this machine is none. Give the path as it is here."
    return _hint_from_folder(path, may_look) if may_look else ""


def _hint_from_folder(path: Path, may_look: Callable[[Path], bool]) -> str:
    unescaped = Path(str(path).replace("\\ ", " "))
    if unescaped != path and may_look(unescaped) and unescaped.exists():
        return f"Leave the backslashes out: '{_shown(unescaped.name)}' exists."
    if not may_look(path.parent):
        return ""
    if not path.parent.is_dir():
        return f"The folder '{_shown(path.parent.name)}' does not exist either."
    names = _names_in(path.parent)
    same_stem = sorted(name for name in names if Path(name).stem == path.name)
    near = same_stem or difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(repr(_shown(name)) for name in near[:3])}?" if near else ""


def _names_in(folder: Path) -> list[str]:
    """Return the names in a folder, `_MAX_ENTRIES` at most, since comparing takes time."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False)]
    except OSError:
        return []


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
