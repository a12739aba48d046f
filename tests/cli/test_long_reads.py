"""Documents that take their time: seen as they come, stopped without loss, gone on with. Issue 3, build item 4."""

import json
import os
import pty
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import children_of, is_alive, run, started, stopped_by, wait_until
from tests.documents import numbered_answer, scan_number, scanned_pdf
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, pipes and terminals of POSIX")
HANGS = 60.0
"""Seconds that no test waits for."""


def hanging_from(page: int) -> OllamaDouble:
    """An Ollama that answers at once up to a page, and then no more."""
    numbered = numbered_answer()

    def answer(call: GenerateCall) -> str:
        if scan_number(call.image) == page - 1:
            double.latency_seconds = HANGS
        return numbered(call)

    double = OllamaDouble(answer=answer)
    return double


def test_a_page_is_on_stdout_before_the_next_one_is_read(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "long.pdf", pages=9)
    with hanging_from(3) as ollama, started("read", document, ollama=ollama) as reading:
        assert reading.stdout is not None
        lines = [reading.stdout.readline() for _ in range(7)]
        assert lines[2::4] == [b"Text of page 1.\n", b"Text of page 2.\n"]
        assert stopped_by(reading, signal.SIGTERM)[0] == 143


def test_what_is_read_when_the_user_stops_is_kept(tmp_path: Path) -> None:
    """Ctrl-C leaves the old result whole, no temporary file and no child; the same command goes on."""
    document, result = scanned_pdf(tmp_path / "long.pdf", pages=6), tmp_path / "out" / "long.md"
    result.parent.mkdir()
    result.write_text("the old result")
    with hanging_from(4) as ollama:
        command = ("read", document, "-o", result, "--report", tmp_path / "report.jsonl")
        with started(*command, ollama=ollama, OCR_MCP_ROTATE="0") as reading:  # no page waits for a look
            wait_until(lambda: len(ollama.generations) == 4)
            time.sleep(1)  # page 3 is answered when page 4 is asked for, but not yet counted
            children = children_of(reading)
            stopped = stopped_by(reading, signal.SIGINT)
        kept = "They are kept: run the same command again to go on."
        assert stopped == (130, f"ocr-mcp: Stopped after 3 of 6 pages. {kept}\n")
        assert children
        assert not any(map(is_alive, children))
        assert [(path.name, path.read_text()) for path in result.parent.iterdir()] == [("long.md", "the old result")]
        line = json.loads((tmp_path / "report.jsonl").read_text())
        assert (line["status"], line["pages_read"], line["exit_code"]) == ("stopped", 3, 130)
        ollama.latency_seconds = 0
        assert run(*command, ollama=ollama, OCR_MCP_ROTATE="0").returncode == 0
        assert len(ollama.generations) == 7  # page 4 was in flight
    assert result.read_text().count("Text of page") == 6


def test_a_read_that_is_stopped_says_when_nothing_is_kept(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "long.pdf", pages=6)
    with hanging_from(2) as ollama, started("read", document, ollama=ollama, OCR_MCP_CACHE_MB="0") as reading:
        assert reading.stdout is not None
        reading.stdout.readline()
        wait_until(lambda: len(ollama.generations) == 2)
        _, stderr = stopped_by(reading, signal.SIGINT)
    assert stderr.startswith("ocr-mcp: Stopped after 1 of 6 pages. They are not kept")


def test_work_ends_at_once_when_the_reader_of_stdout_leaves(tmp_path: Path) -> None:
    """`| head` closes its end while page 2 is with the model; nobody waits for that page."""
    document = scanned_pdf(tmp_path / "long.pdf", pages=6)
    with hanging_from(2) as ollama:
        with started("read", document, ollama=ollama) as reading:
            assert reading.stdout is not None
            assert reading.stderr is not None
            reading.stdout.readline()
            wait_until(lambda: len(ollama.generations) == 2)
            reading.stdout.close()
            assert reading.wait(timeout=5) == 0
            assert reading.stderr.read() == b""
        assert ollama.generations[1].client_left.wait(5)
        assert len(ollama.generations) == 2


def test_failed_pages_are_said_in_ranges_and_each_reason_once(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "long.pdf", pages=6)

    def fault(call: GenerateCall) -> Fault | None:
        return Fault.PROMPT_TOO_LONG if scan_number(call.image) in (1, 3, 4, 5) else None

    with OllamaDouble(answer=numbered_answer(), fault=fault) as ollama:
        done = run("read", document, "-o", tmp_path / "long.md", ollama=ollama)
    failed, summary = done.stderr.splitlines()
    assert failed.startswith("ocr-mcp: pages 1, 3-5 failed (ENGINE_REFUSED): ")
    assert summary.endswith("4 pages failed")
    assert done.returncode == 1


def test_a_terminal_shows_pages_a_minute_and_the_time_left(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "long.pdf", pages=5)
    ours, theirs = pty.openpty()
    with (
        OllamaDouble(answer=numbered_answer(), latency_seconds=0.2) as ollama,
        os.fdopen(theirs, "wb") as terminal,
        started("read", document, ollama=ollama, stderr=terminal, COLUMNS="120", TERM="xterm") as reading,
    ):
        shown = b""
        while b"pages read by" not in shown:
            shown += os.read(ours, 4096)
        stdout, _ = reading.communicate(timeout=10)
    os.close(ours)
    assert b"5/5" in shown
    assert b" pages/min, " in shown
    assert stdout.count(b"Text of page") == 5
    assert b"\x1b" not in stdout
