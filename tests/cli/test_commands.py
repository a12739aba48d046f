"""The command line as a shell sees it: product on stdout, all else on stderr, one exit code for each class of error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pymupdf
import pytest

from tests.cli.running import run
from tests.documents import numbered_answer, scan_number, scanned_pdf, text_pdf, written
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

AES_256 = 5
"""PDF_ENCRYPT_AES_256 of pymupdf, which its types do not name."""
INVOICE = Path(__file__).parents[2] / "examples" / "invoice.pdf"


def test_the_example_invoice_is_read_without_any_server() -> None:
    """The demo of the README: number, names and total in the Markdown, and who read it on stderr."""
    done = run("read", INVOICE)
    assert done.returncode == 0, done.stderr
    for expected in (
        "INV-2026-0417",
        "Fenwick Lane Joinery Ltd",
        "Marlow Street Library",
        "3,472.29",
        "until it is paid in full",
    ):
        assert expected in done.stdout
    assert "read by the embedded engine" in done.stderr
    assert "ollama serve" in done.stderr


def test_markdown_goes_to_stdout_and_who_read_it_to_stderr(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "two.pdf", pages=2)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        done = run("read", document, ollama=ollama)
    assert done.stdout == "<!-- page 1 -->\n\nText of page 1.\n\n<!-- page 2 -->\n\nText of page 2.\n"
    assert "2 pages read by the ollama engine (deepseek-ocr" in done.stderr
    assert done.returncode == 0


def test_json_is_the_whole_document(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    answer = "text[[0, 0, 999, 999]]\nAll of it."
    with OllamaDouble(answer=answer) as ollama:
        done = run("read", document, "--format", "json", ollama=ollama)
    parsed = json.loads(done.stdout)
    assert (parsed["schema_version"], parsed["status"], parsed["total_pages"]) == ("1", "complete", 1)
    block = parsed["pages"][0]["blocks"][0]
    assert block["text"] == "All of it."
    assert block["boxes"] == [{"left": 0.0, "top": 0.0, "right": 595.0, "bottom": 842.0}]
    assert parsed["pages"][0]["reading"]["identity"]["generation"] == "C"


def test_a_file_appears_whole_where_it_was_asked_for(tmp_path: Path) -> None:
    document, result = scanned_pdf(tmp_path / "one.pdf", pages=1), tmp_path / "out" / "one.md"
    with OllamaDouble(answer="Read.") as ollama:
        done = run("read", document, "-o", result, ollama=ollama)
    assert (done.returncode, done.stdout) == (0, "")
    assert result.read_text() == "<!-- page 1 -->\n\nRead.\n"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["one.md", "one.pdf", "out"]


def test_a_device_or_a_pipe_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    """As root, `-o /dev/null` would take it from the whole machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = run("read", text_pdf(tmp_path / "born.pdf", pages=1), "-o", pipe)
    assert (done.returncode, done.stdout) == (5, "")
    assert "is a pipe or a device" in done.stderr
    assert pipe.is_fifo()


def test_several_sources_go_to_a_folder_and_a_bad_one_stops_no_other(tmp_path: Path) -> None:
    first, second = scanned_pdf(tmp_path / "a.pdf", pages=[1]), scanned_pdf(tmp_path / "b.pdf", pages=[2])
    with OllamaDouble(answer=numbered_answer()) as ollama:
        done = run("read", first, tmp_path / "missing.pdf", second, "-o", tmp_path / "out", ollama=ollama)
    assert done.returncode == 1
    assert "missing.pdf" in done.stderr
    assert (tmp_path / "out" / "a.md").read_text().endswith("Text of page 1.\n")
    assert (tmp_path / "out" / "b.md").read_text().endswith("Text of page 2.\n")


def test_a_bad_page_is_said_and_the_others_are_written(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "three.pdf", pages=3)

    def fault(call: GenerateCall) -> Fault | None:
        return Fault.PROMPT_TOO_LONG if scan_number(call.image) == 2 else None

    with OllamaDouble(answer=numbered_answer(), fault=fault) as ollama:
        done = run("read", document, ollama=ollama)
    assert done.returncode == 1
    assert "page 2 failed (ENGINE_REFUSED)" in done.stderr
    assert "Text of page 1." in done.stdout
    assert "Text of page 3." in done.stdout


def test_the_text_layer_is_the_users_choice(tmp_path: Path) -> None:
    document = text_pdf(tmp_path / "born.pdf", pages=1)
    with OllamaDouble(answer="Read from the picture.") as ollama:
        automatic, never = run("read", document, ollama=ollama), run(
            "read", document, "--text-layer", "never", ollama=ollama
        )  # fmt: skip
    assert "Line 3 of page 1" in automatic.stdout
    assert "1 page from the text layer" in automatic.stderr
    assert "Read from the picture." in never.stdout


def test_a_chart_comes_out_as_csv(tmp_path: Path) -> None:
    picture = written(tmp_path / "chart.png", "a chart")
    answer = "<table><tr><td></td><td>2025</td></tr><tr><td>Q1</td><td>42</td></tr></table>"
    with OllamaDouble(answer=answer, version="0.24.0") as ollama:
        done = run("chart", picture, ollama=ollama)
    assert done.stdout.splitlines()[:2] == ["series,category,value,unit,raw", "2025,Q1,42,,42"]


def test_every_frame_of_a_tiff_is_read(tmp_path: Path) -> None:
    """Several peers read only the first."""
    from PIL import Image

    frames = [Image.new("RGB", (300, 400), (10 + 12 * number, 10, 10)) for number in (1, 2, 3)]
    frames[0].save(tmp_path / "three.tiff", save_all=True, append_images=frames[1:])
    with OllamaDouble(answer=numbered_answer()) as ollama:
        done = run("read", tmp_path / "three.tiff", ollama=ollama)
    for number in (1, 2, 3):
        assert f"Text of page {number}." in done.stdout


def test_engines_says_what_is_ready_and_what_would_make_the_rest_so() -> None:
    with OllamaDouble() as ollama:
        done = run("engines", ollama=ollama)
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "ready" in lines["ollama"].split()
    assert "deepseek-ocr" in lines["ollama"]
    assert "not ready" in lines["openai"]
    assert "OCR_MCP_OPENAI_BASE_URL" in lines["openai"]
    assert "cpu" in lines["embedded"]


def encrypted_pdf(path: Path) -> Path:
    with pymupdf.open() as document:
        document.new_page()
        document.save(path, encryption=AES_256, user_pw="secret", owner_pw="owner")  # pyright: ignore[reportUnknownMemberType]  incomplete types
    return path


def test_each_failure_is_one_clear_sentence_with_its_own_exit_code(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "three.pdf", pages=3)
    empty = tmp_path / "empty.pdf"
    empty.touch()
    encrypted = encrypted_pdf(tmp_path / "locked.pdf")
    with OllamaDouble() as ollama:
        ollama.model = None
        failures = {
            "wrong path": (run("read", tmp_path / "three.pfd"), 9, "three.pdf"),
            "directory": (run("read", tmp_path), 10, "is a folder.\n  Name a file in it, or add --recursive"),
            "empty file": (run("read", empty), 11, "empty"),
            "encrypted": (run("read", encrypted), 8, "password"),
            "page 99 of 3": (run("read", document, "--pages", "99"), 12, "from 1 to 3"),
            "unknown engine": (run("read", document, "--engine", "tesseract"), 13, "embedded"),
            "Ollama down": (run("read", document, "--engine", "ollama"), 3, "ollama serve"),
            "model missing": (
                run("read", document, "--engine", "ollama", ollama=ollama),
                14,
                "ollama pull deepseek-ocr",
            ),
        }
    for case, (done, code, said) in failures.items():
        assert (case, done.returncode, done.stdout) == (case, code, "")
        assert said in done.stderr, case
        assert "Traceback" not in done.stderr, case
        assert len(done.stderr.splitlines()) <= 3, case


@pytest.mark.parametrize("arguments", [["read"], ["read", "x.pdf", "--format", "docx"], ["frobnicate"]])
def test_a_call_that_makes_no_sense_is_a_usage_error(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    done = run("read", scanned_pdf(tmp_path / "one.pdf", pages=1), OCR_MCP_OLLAMA_PARALLEL="many")
    assert done.returncode == 2
    assert "OCR_MCP_OLLAMA_PARALLEL" in done.stderr


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer="line\n" * 50_000) as ollama:
        env = os.environ | {"OLLAMA_HOST": ollama.url}
        pipeline = f"{sys.executable} -m ocr_mcp read {document} | head -c 10; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(
            ["bash", "-c", pipeline], env=env, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
