"""A warning about the engine is said once in a run, however many documents it stands for."""

from pathlib import Path

from tests.cli.running import run
from tests.documents import scanned_pdf


def test_the_same_warning_is_said_with_the_first_document_only(tmp_path: Path) -> None:
    paths = [scanned_pdf(tmp_path / f"{name}.pdf", pages=1) for name in "abc"]
    done = run("read", *paths, "-o", tmp_path / "out")
    warnings = [line for line in done.stderr.splitlines() if "which is simpler" in line]
    assert done.returncode == 0, done.stderr
    assert len(warnings) == 1
    assert done.stderr.splitlines()[-1] == "ocr-mcp: 3 documents: 3 complete"
