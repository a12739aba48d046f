"""requirements.lock pins what pyproject.toml asks for, by hash, and says of nothing where it came from."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()


def test_every_dependency_is_locked_by_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=\[]", each)[0] for each in project["dependencies"]}
    entries = re.findall(r"^(\S+?)==\S+.*?\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", LOCK, flags=re.MULTILINE)
    assert wanted <= {name for name, _ in entries}


def test_no_address_is_locked() -> None:
    assert "://" not in LOCK
