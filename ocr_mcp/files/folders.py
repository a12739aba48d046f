"""The folders that a server reads from where its user names none."""

import os
from pathlib import Path

import platformdirs


def default_folders() -> tuple[Path, ...]:
    """Return Documents, Desktop and Downloads of the user, and the working folder.

    None of them where it is the home folder, or holds it: a system without such a folder names the home itself for it,
    and programs that are started from a menu work in the home or in `/`.
    """
    folders = (
        platformdirs.user_documents_path(),
        platformdirs.user_desktop_path(),
        platformdirs.user_downloads_path(),
        Path.cwd(),
    )
    home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111  Path.home raises where there is none
    return tuple(dict.fromkeys(folder for folder in folders if _is_narrow(folder, home)))


def _is_narrow(folder: Path, home: Path) -> bool:
    real = Path(os.path.realpath(folder))
    return real != Path(real.anchor) and not home.is_relative_to(real)
