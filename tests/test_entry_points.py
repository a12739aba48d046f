"""Every script of `benchmarks/` and `torture/` answers `--help`, and the README beside it names it."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("benchmarks", "torture")
SCRIPTS = sorted(path for room in ROOMS for path in (ROOT / room).glob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_script_says_what_it_does(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: ")
    assert len(shown.splitlines()) > 6


@pytest.mark.parametrize("room", ROOMS)
def test_the_readme_lists_every_script(room: str) -> None:
    readme = (ROOT / room / "README.md").read_text()
    names = ["" if path.stem == "__main__" else f".{path.stem}" for path in SCRIPTS if path.parent.name == room]
    assert not [name for name in names if f"`python -m {room}{name}" not in readme]
