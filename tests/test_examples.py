"""The files in `examples/` are what their README says, and their scripts run."""

# PyMuPDF annotates only a part of its arguments:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from numpy.typing import NDArray
from PIL import Image

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(script: str, *arguments: str | Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """An example script, run as its docstring says."""
    command = [sys.executable, EXAMPLES / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with freshly made examples."""
    folder = tmp_path_factory.mktemp("examples")
    assert run("make_examples.py", folder).returncode == 0
    return folder


@pytest.fixture
def invoice() -> Iterator[pymupdf.Document]:
    """The committed invoice, opened."""
    with pymupdf.open(EXAMPLES / "invoice.pdf") as document:
        yield document


def scan(folder: Path) -> NDArray[np.int16]:
    """The pixels of the picture in the invoice."""
    with pymupdf.open(folder / "invoice.pdf") as document:
        return pixels(document.extract_image(document[0].get_images()[0][0])["image"])


def pixels(picture: bytes) -> NDArray[np.int16]:
    """A picture as signed numbers, so that two of them can be subtracted."""
    return np.asarray(Image.open(io.BytesIO(picture)), dtype=np.int16)


def test_making_the_examples_twice_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    run("make_examples.py", tmp_path)
    for name in ("invoice.pdf", "chart.png"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()


def test_the_committed_invoice_is_the_one_that_the_script_makes(made: Path) -> None:
    """Up to what another version of the JPEG library rounds differently."""
    assert np.abs(scan(EXAMPLES) - scan(made)).mean() < 1


def test_the_committed_chart_is_the_one_that_the_script_makes(made: Path) -> None:
    chart, again = ((folder / "chart.png").read_bytes() for folder in (EXAMPLES, made))
    assert np.abs(pixels(chart) - pixels(again)).mean() < 1


def test_the_invoice_is_one_a4_page(invoice: pymupdf.Document) -> None:
    assert invoice.page_count == 1
    assert tuple(invoice[0].rect) == (0, 0, 595, 842)


def test_the_invoice_is_a_picture_without_a_text_layer(invoice: pymupdf.Document) -> None:
    assert invoice[0].get_text() == ""
    assert len(invoice[0].get_images()) == 1


def test_the_invoice_is_small_enough_to_ship() -> None:
    assert (EXAMPLES / "invoice.pdf").stat().st_size <= 200_000


def test_the_claude_desktop_entry_starts_the_server() -> None:
    config = json.loads((EXAMPLES / "claude_desktop_config.json").read_text(encoding="utf-8"))
    entry = config["mcpServers"]["ocr"]
    assert Path(entry["command"]).name == "ocr-mcp"
    assert entry["args"] == ["serve"]


def test_the_client_prints_the_text_of_the_invoice() -> None:
    answer = run("client.py", seconds=120)
    assert answer.returncode == 0, answer.stderr
    assert "INV-2026-0417" in answer.stdout
    assert "3,472.29" in answer.stdout
    assert "ocr_page" in answer.stderr


def test_the_library_prints_the_text_of_the_invoice() -> None:
    answer = run("library.py", seconds=120)
    assert answer.returncode == 0, answer.stderr
    assert "INV-2026-0417" in answer.stdout
    assert "3,472.29" in answer.stdout


def test_the_library_says_why_a_document_cannot_be_read(tmp_path: Path) -> None:
    answer = run("library.py", tmp_path / "none.pdf")
    assert (answer.returncode, answer.stdout) == (9, "")
    assert "none.pdf" in answer.stderr
