"""docs/security.md is true: what it names as enforcing or showing a rule is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "security.md").read_text()


def test_what_it_names_is_there() -> None:
    named = re.findall(r"`((?:[a-z_]+/)*[a-z_]+(?:\.py|/))`", TEXT)
    assert len(named) > 20
    missing = [name for name in named if not any((ROOT / base / name).exists() for base in (".", "ocr_mcp"))]
    assert not missing


def test_every_script_that_it_names_can_be_run_and_every_script_is_named() -> None:
    from torture.__main__ import SCRIPTS

    named = set(re.findall(r"`torture\.([a-z_]+)`", TEXT))
    assert named <= set(SCRIPTS)
    assert set(SCRIPTS) - named <= {"sandbox_cost"}


def test_the_messages_that_it_quotes_are_those_of_the_program() -> None:
    """Each quoted sentence without its name and number is in the source."""
    source = "".join(path.read_text() for path in (ROOT / "ocr_mcp").rglob("*.py"))
    for quoted in re.findall(r"^\| `(?:[A-Z_]+: )?([^`]+)`[^|]*\|", TEXT, flags=re.MULTILINE):
        for part in re.split(r"'[^']*'|\d+|…", quoted):
            assert part.strip() in source or len(part) < 12, part
