"""Searchable PDFs, the viewer and figures, as `ocr-mcp read` writes them."""

import json
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from ocr_mcp.model.geometry import Size
from ocr_mcp.model.turning import Turn, turned_box
from tests.cli.running import run
from tests.documents import scanned_pdf, text_pdf, written
from tests.doubles.ollama_server import OllamaDouble
from tests.known_words import PHRASES, needs_pdftotext, scanned_book, shared, text_of, turned_page, words_of

GROUNDED = """\
<|ref|>title<|/ref|><|det|>[[100, 50, 900, 100]]<|/det|>
# The title

<|ref|>image<|/ref|><|det|>[[100, 200, 500, 400]]<|/det|>

<|ref|>text<|/ref|><|det|>[[100, 500, 900, 600]]<|/det|>
Some words of text.
"""


@pytest.mark.timeout(240)
@needs_pdftotext
def test_twenty_phrases_of_a_scan_are_found_on_their_pages_and_selected_where_they_stand(tmp_path: Path) -> None:
    """Issue 5, with the embedded engine: every word of three scanned pages, and 20 phrases."""
    pages = scanned_book(tmp_path / "book.pdf")
    done = run("read", tmp_path / "book.pdf", "--engine", "embedded", "--format", "pdf", "-o", tmp_path / "out.pdf")
    assert done.returncode == 0, done.stderr
    assert sum(map(len, PHRASES.values())) == 20
    for number, phrases in PHRASES.items():
        for phrase in phrases:
            assert [page for page in PHRASES if phrase in text_of(tmp_path / "out.pdf", page)] == [number]
        selectable = words_of(tmp_path / "out.pdf", number)
        assert [word.text for word in selectable] == [word.text for word in pages[number - 1]]
        for found, word in zip(selectable, pages[number - 1], strict=True):
            assert shared(found.box, word.box) > 0.8, (found, word)
            assert abs(found.box.left - word.box.left) < 0.5 * word.box.height, (found, word)


@needs_pdftotext
def test_the_words_of_a_scan_on_its_side_are_selected_where_they_stand(tmp_path: Path) -> None:
    pages = scanned_book(tmp_path / "book.pdf")
    side = turned_page(tmp_path / "book.pdf", tmp_path / "side.pdf")
    done = run("read", side, "--engine", "embedded", "--format", "pdf", "-o", tmp_path / "out.pdf")
    assert done.returncode == 0, done.stderr
    words = [word for word in words_of(tmp_path / "out.pdf", 1) if len(word.text) > 2]
    assert {word.text for word in words} == {word.text for word in pages[0] if len(word.text) > 2}
    places = {word.text: turned_box(word.box, Size(width=595, height=842), Turn.RIGHT) for word in pages[0]}
    for word in words:
        assert shared(word.box, places[word.text]) > 0.8, word


@needs_pdftotext
def test_pages_that_carry_their_text_stay_as_they_are(tmp_path: Path) -> None:
    source = text_pdf(tmp_path / "a.pdf", pages=2)
    done = run("read", source, "--format", "pdf", "-o", tmp_path / "b.pdf")
    assert done.returncode == 0, done.stderr
    with pymupdf.open(source) as before, pymupdf.open(tmp_path / "b.pdf") as after:
        assert [page.read_contents() for page in after] == [page.read_contents() for page in before]  # pyright: ignore


@needs_pdftotext
def test_a_picture_becomes_a_searchable_pdf(tmp_path: Path) -> None:
    with OllamaDouble(answer=GROUNDED, version="0.24.0") as ollama:
        done = run("read", written(tmp_path / "a.png", "x"), "--format", "pdf", "-o", tmp_path / "a.pdf", ollama=ollama)
    assert done.returncode == 0, done.stderr
    assert text_of(tmp_path / "a.pdf", 1) == "The title Some words of text."


def test_the_viewer_holds_the_pictures_of_its_pages(tmp_path: Path) -> None:
    with OllamaDouble(answer=GROUNDED, version="0.24.0") as ollama:
        done = run("read", scanned_pdf(tmp_path / "a.pdf", pages=2), "--format", "html", ollama=ollama)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<!DOCTYPE html>")
    assert done.stdout.count("data:image/jpeg;base64,/9j/") == 2
    assert done.stdout.count("Some words of text.</p>") == 2
    assert done.stdout.endswith("</html>\n")


def test_figures_become_files_that_the_markdown_shows(tmp_path: Path) -> None:
    source, result = scanned_pdf(tmp_path / "a.pdf", pages=2), tmp_path / "texts" / "a.md"
    with OllamaDouble(answer=GROUNDED, version="0.24.0") as ollama:
        done = run("read", source, "-o", result, "--figures", tmp_path / "my figures", ollama=ollama)
    assert done.returncode == 0, done.stderr
    assert "![Figure 1, page 2](../my%20figures/figure-2-1.jpg)" in result.read_text()
    names = ["figure-1-1.jpg", "figure-2-1.jpg"]
    assert sorted(path.name for path in (tmp_path / "my figures").iterdir()) == names
    with Image.open(tmp_path / "my figures" / names[0]) as picture:
        # 40 % x 20 % of A4 and 3 % around it, at 200 dpi.
        assert picture.size == pytest.approx((595 * 0.4 * 1.06 / 72 * 200, 842 * 0.2 * 1.06 / 72 * 200), abs=3)


def test_figures_that_cannot_be_written_cost_no_page(tmp_path: Path) -> None:
    (tmp_path / "figures").write_text("a file, where a folder is wanted")
    with OllamaDouble(answer=GROUNDED, version="0.24.0") as ollama:
        done = run("read", scanned_pdf(tmp_path / "a.pdf", pages=2), "--figures", tmp_path / "figures", ollama=ollama)
    assert done.returncode == 5
    assert done.stdout.count("Some words of text.") == 2
    assert "figure-1-1.jpg' could not be written" in done.stderr
    assert "The pages are read all the same. Choose another place with --figures." in done.stderr


def test_the_figures_of_several_documents_have_folders_of_their_own(tmp_path: Path) -> None:
    sources = [scanned_pdf(tmp_path / name, pages=1) for name in ("a.pdf", "b.pdf")]
    with OllamaDouble(answer=GROUNDED, version="0.24.0") as ollama:
        done = run("read", *sources, "-o", tmp_path / "out", "--figures", tmp_path / "out", ollama=ollama)
    assert done.returncode == 0, done.stderr
    assert "](a.pdf/figure-1-1.jpg)" in (tmp_path / "out" / "a.md").read_text()
    assert (tmp_path / "out" / "b.pdf" / "figure-1-1.jpg").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.pdf", "b.pdf", "--format", "pdf"], "Several documents cannot be one pdf file. Name a folder with -o."),
        (["a.pdf", "--format", "pdf", "--task", "describe", "-o", "b.pdf"], "holds the words of its pages"),
        (["a.pdf", "--format", "json", "--figures", "f"], "--figures belongs to Markdown"),
        (["a.pdf", "--format", "pdf", "-o", "a.pdf"], "The result would replace the source"),
    ],
)
def test_what_cannot_be_written_that_way_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text_pdf(tmp_path / "a.pdf", pages=1)
    done = run("read", *arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_the_json_says_where_each_line_of_a_scan_stands(tmp_path: Path) -> None:
    picture = written(tmp_path / "a.png", "Only one line")
    done = run("read", picture, "--engine", "embedded", "--format", "json")
    (block,) = json.loads(done.stdout)["pages"][0]["blocks"]
    assert [line["text"] for line in block["lines"]] == ["Only one line"]
    assert block["lines"][0]["box"] == block["boxes"][0]
