"""Many documents in one call. Issue 3, build item 4: folders, and one JSON line for each document."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ocr_mcp.files.atomic_file import lock_part
from tests.cli.running import run
from tests.documents import numbered_answer, scan_number, scanned_pdf, text_pdf
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble


def test_a_folder_becomes_a_folder(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    text_pdf(tmp_path / "in" / "a.pdf", pages=1)
    text_pdf(tmp_path / "in" / "deep" / "a.pdf", pages=2)
    done = run("read", "-r", tmp_path / "in", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (0, "")
    found = {path.relative_to(tmp_path / "out").as_posix(): path for path in (tmp_path / "out").rglob("*.md")}
    assert sorted(found) == ["a.md", "deep/a.md"]
    assert "Chapter 2" in found["deep/a.md"].read_text()
    assert done.stderr.splitlines()[-1] == "ocr-mcp: 2 documents: 2 complete"


def test_several_documents_on_stdout_are_told_apart(tmp_path: Path) -> None:
    paths = [text_pdf(tmp_path / name, pages=1) for name in ("b.pdf", "a.pdf")]
    markdown, text = run("read", *paths), run("read", *paths, "--format", "text")
    first, second = (f"<!-- document {path} -->\n\n<!-- page 1 -->\n\n" for path in paths)
    assert markdown.stdout.startswith(first)
    assert "font.\n\n" + second in markdown.stdout
    assert text.stdout.count("\f") == 1


def test_the_report_has_a_line_for_each_document_as_it_ends(tmp_path: Path) -> None:
    whole, partial = scanned_pdf(tmp_path / "whole.pdf", pages=[1]), scanned_pdf(tmp_path / "partial.pdf", pages=[2, 3])
    born, missing = text_pdf(tmp_path / "born.pdf", pages=2), tmp_path / "missing.pdf"
    report = tmp_path / "reports" / "all.jsonl"

    def fault(call: GenerateCall) -> Fault | None:
        return Fault.PROMPT_TOO_LONG if scan_number(call.image) == 3 else None

    with OllamaDouble(answer=numbered_answer(), fault=fault) as ollama:
        sources = (whole, partial, born, missing)
        done = run("read", *sources, "-o", tmp_path / "out", "--report", report, ollama=ollama)
    assert done.returncode == 1
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    keys = ("source", "output", "status", "pages_total", "pages_read", "pages_from_text_layer", "engine", "exit_code")
    out = tmp_path / "out"
    assert [tuple(line[key] for key in keys) for line in lines] == [
        (str(whole), str(out / "whole.md"), "complete", 1, 1, 0, "ollama", 0),
        (str(partial), str(out / "partial.md"), "partial", 2, 1, 0, "ollama", 1),
        (str(born), str(out / "born.md"), "complete", 2, 2, 2, None, 0),
        (str(missing), str(out / "missing.md"), "failed", None, 0, 0, None, 9),
    ]
    assert [(page["page"], page["code"]) for page in lines[1]["failed_pages"]] == [(2, "ENGINE_REFUSED")]
    assert lines[1]["model"] == "deepseek-ocr"
    assert lines[3]["error"]["code"] == "NOT_FOUND"
    assert all(line["seconds"] >= 0 for line in lines)


def test_a_report_grows_from_run_to_run(tmp_path: Path) -> None:
    document, report = text_pdf(tmp_path / "born.pdf", pages=1), tmp_path / "report.jsonl"
    report.write_text('{"of": "another run"}\n')
    run("read", document, "--report", report)
    assert len(report.read_text().splitlines()) == 2


def test_a_report_that_cannot_be_written_is_said_before_anything_is_read(tmp_path: Path) -> None:
    done = run("read", text_pdf(tmp_path / "born.pdf", pages=1), "--report", tmp_path)
    assert (done.returncode, done.stdout) == (5, "")
    assert "--report" in done.stderr


def test_an_empty_folder_has_its_own_exit_code_and_its_line_on_stderr_if_asked(tmp_path: Path) -> None:
    empty = run("read", "-r", tmp_path, "--report", "-")
    assert (empty.returncode, empty.stdout) == (11, "")
    said, _, line = empty.stderr.splitlines()
    assert "no PDF or picture" in said
    assert json.loads(line)["error"]["code"] == "EMPTY"


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files")
def test_documents_are_read_though_their_report_cannot_be_written(tmp_path: Path) -> None:
    """The loss is said once, and is the exit code where nothing else went wrong."""
    sources = [str(scanned_pdf(tmp_path / f"{name}.pdf", pages=1)) for name in "ab"]
    command = shlex.join(
        [sys.executable, "-m", "ocr_mcp", "read", *sources, "--report", str(tmp_path / "report.jsonl")]
    )
    with OllamaDouble(answer="Read.") as ollama:
        env = os.environ | {"OLLAMA_HOST": ollama.url}
        done = subprocess.run(["sh", "-c", f"ulimit -f 0; {command}"], env=env, capture_output=True, check=False)
    assert done.returncode == 5
    assert done.stdout.count(b"Read.") == 2
    assert done.stderr.count(b"The report could not be written: File too large.") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="marks of living files")
def test_what_a_killed_run_left_half_written_is_swept_and_what_lives_is_not(tmp_path: Path) -> None:
    dead, living = tmp_path / ".ocr-mcp-dead.part", tmp_path / ".ocr-mcp-living.part"
    dead.write_text("half a res")
    with living.open("wb") as file:
        lock_part(file.fileno())
        run("read", text_pdf(tmp_path / "born.pdf", pages=1), "-o", tmp_path / "born.md")
    assert sorted(path.name for path in tmp_path.iterdir()) == [living.name, "born.md", "born.pdf"]
