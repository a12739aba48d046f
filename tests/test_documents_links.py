"""Links between the documents lead somewhere, and every documented command exists."""

import re
from pathlib import Path

import pytest
import typer

from ocr_mcp.cli.commands import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_documents_show_exist(document: Path) -> None:
    commands = typer.main.get_command(app)
    known = set(getattr(commands, "commands", {}))
    assert known
    used = set(re.findall(r"ocr-mcp ([a-z]+)\b(?![-.])", document.read_text()))
    assert used <= known | {"is"}
