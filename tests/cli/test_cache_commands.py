"""`ocr-mcp cache`."""

import os
from pathlib import Path

from tests.cli.test_commands import run
from tests.documents import numbered_answer, scanned_pdf
from tests.doubles.ollama_server import OllamaDouble


def test_what_was_read_is_kept_and_can_be_forgotten(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "two.pdf", pages=2)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        first, second = run("read", document, ollama=ollama), run("read", document, ollama=ollama)
        assert len(ollama.generations) == 2
        shown, cleared = run("cache", "info"), run("cache", "clear")
        third = run("read", document, ollama=ollama)
        assert len(ollama.generations) == 4
    assert first.stdout == second.stdout == third.stdout
    assert os.environ["OCR_MCP_CACHE_FOLDER"] in shown.stdout
    assert "of 1024 MB" in shown.stdout
    assert cleared.stdout.endswith("entries are gone.\n")
    assert run("cache", "info").returncode == 0


def test_nothing_is_kept_when_the_cache_is_off(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        for _ in range(2):
            run("read", document, ollama=ollama, OCR_MCP_CACHE_MB="0")
        assert len(ollama.generations) == 2
    assert "OCR_MCP_CACHE_MB is 0" in run("cache", "info", OCR_MCP_CACHE_MB="0").stdout
    assert list(Path(os.environ["OCR_MCP_CACHE_FOLDER"]).iterdir()) == []
