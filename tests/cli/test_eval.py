"""`ocr-mcp eval`: a table on stdout, each page on stderr, all figures as JSON, all texts to look at."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

import json
from pathlib import Path

import pymupdf

from tests.cli.running import run
from tests.documents import numbered_answer, scan_number, scanned_pdf
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble


def folder_of_pages(folder: Path, pages: int = 3) -> Path:
    """A PDF of numbered scans; the numbered answer is right on all pages but the last, where a digit is wrong."""
    scanned_pdf(folder / "book.pdf", pages=pages)
    truths = [f"<!-- page {n} -->\n\nText of page {n}.\n" for n in range(1, pages)]
    (folder / "book.md").write_text("\n".join([*truths, f"<!-- page {pages} -->\n\nText of page 9.\n"]))
    return folder


def rows(table: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]


def test_pages_are_read_and_compared_with_their_ground_truths(tmp_path: Path) -> None:
    figures, texts = tmp_path / "out" / "figures.json", tmp_path / "texts"
    with OllamaDouble(answer=numbered_answer()) as ollama:
        done = run("eval", folder_of_pages(tmp_path), "--json", figures, "--save", texts, ollama=ollama)
    assert done.returncode == 0, done.stderr
    header, _, line = rows(done.stdout)
    shown = dict(zip(header, line, strict=True))
    assert (shown["type"], shown["pages"], shown["text"]) == ("all", "3", f"{1 / 11 / 3:.3f}")
    assert "book-3" in done.stdout.partition("Furthest")[2]
    assert "3 of 3" in done.stderr
    written = json.loads(figures.read_text())
    assert [case["text"] for case in written["systems"][0]["cases"]][:2] == [0, 0]
    assert written["summaries"][0]["cpu_seconds"] > 0
    (own,) = (path for path in texts.iterdir() if path.name != "truth")
    assert (own / "book-3.md").read_text() == "Text of page 3."
    assert (texts / "truth" / "book-3.md").read_text() == "Text of page 9."


def test_a_page_that_fails_is_counted_and_said_and_the_others_are_read(tmp_path: Path) -> None:
    def fault(call: GenerateCall) -> Fault | None:
        return Fault.PROMPT_TOO_LONG if scan_number(call.image) == 2 else None

    with OllamaDouble(answer=numbered_answer(), fault=fault) as ollama:
        done = run("eval", folder_of_pages(tmp_path), "--engine", "ollama", ollama=ollama)
    assert done.returncode == 1
    header, _, line = rows(done.stdout)
    assert dict(zip(header, line, strict=True))["failed"] == "1"
    assert "book-2  (failed: Page 2" in done.stdout


def test_pages_and_numbers_of_pages_can_be_chosen(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer()) as ollama:
        done = run("eval", folder_of_pages(tmp_path), "--pages", "2-9", "--limit", "1", ollama=ollama)
    assert "1 of 1: book-2" in done.stderr
    assert "Furthest" not in done.stdout


def test_a_program_that_is_not_installed_is_left_out_with_the_reason(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer()) as ollama:
        done = run("eval", folder_of_pages(tmp_path), "--against", "tesseract", ollama=ollama, PATH="/nowhere")
    assert done.returncode == 0, done.stderr
    assert "Tesseract is left out: Tesseract is not installed." in done.stderr
    assert len(rows(done.stdout)) == 3


def test_a_program_that_is_not_known_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    done = run("eval", folder_of_pages(tmp_path), "--against", "abbyy")
    assert done.returncode == 2
    assert "rapidocr, tesseract, pymupdf4llm" in done.stderr


def test_plain_rapidocr_and_pymupdf4llm_read_the_same_pages(tmp_path: Path) -> None:
    """Both in processes of their own, on a small page with a line of its own text."""
    (tmp_path / "pdfs").mkdir()
    with pymupdf.open() as document:
        document.new_page(width=180, height=60).insert_text((10, 35), "Seventeen apples", fontsize=16)
        document.save(tmp_path / "pdfs" / "a.pdf")
    test = {"pdf": "a.pdf", "page": 1, "id": "t", "type": "present", "text": "Seventeen apples", "max_diffs": 2}
    (tmp_path / "tests.jsonl").write_text(json.dumps(test))
    against = ("--against", "rapidocr", "--against", "pymupdf4llm")
    done = run("eval", tmp_path, "--text-layer", "always", *against, "--save", tmp_path / "texts")
    assert done.returncode == 0, done.stderr
    found = rows(done.stdout)[2:5]
    tests = found[0].index("1/1")
    # pymupdf4llm, asked for a page without margins, takes the only line for one.
    assert [(line[1], line[tests]) for line in found] == [
        ("ocr-mcp, auto", "1/1"),
        ("RapidOCR, plain", "1/1"),
        ("pymupdf4llm", "0/1"),
    ]
    assert "failed" not in done.stdout.partition("Furthest")[0]
    assert (tmp_path / "texts" / "RapidOCR-plain" / "a-1.md").read_text().startswith("Seventeen")


def test_a_folder_without_ground_truths_is_an_error(tmp_path: Path) -> None:
    done = run("eval", tmp_path)
    assert done.returncode == 11
    assert "docs/quality.md" in done.stderr


def test_modes_are_compared_and_one_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    modes = ("--mode", "tiny", "--mode", "base", "--mode", "large")
    with OllamaDouble(answer=numbered_answer(), version="0.31.0") as ollama:
        engine = ("--engine", "ollama", "--task", "text")
        done = run("eval", folder_of_pages(tmp_path), *engine, *modes, "--json", figures, ollama=ollama)
    assert done.returncode == 1
    assert "ollama, tiny is left out: Ollama 0.31.0 (engine generation B) has base, large only" in done.stderr
    written = json.loads(figures.read_text())["modes"]
    assert [(each["system"], each["pages"], each["vision_tokens"]) for each in written[:3]] == [
        ("ollama, tiny", 0, None),
        ("ollama, base", 3, 256),
        ("ollama, large", 3, 400),
    ]
    assert "compression" in done.stdout
