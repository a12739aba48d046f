"""The server ends when its client does, and leaves nothing running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.documents import scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.server.test_stdio import COMMAND, in_the_middle_of_a_page, started

LIMIT_SECONDS = 5.0


def children_of(pid: int) -> list[int]:
    """All that the process started, directly or not."""
    parents = {int(stat.parent.name): _parent(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
    found = [pid]
    for each in found:
        found.extend(child for child, parent in parents.items() if parent == each)
    return found[1:]


def _parent(stat: Path) -> int | None:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def all_gone(pids: list[int]) -> bool:
    """Whether none of them runs any more within the limit."""
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        if not any(_runs(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")


@pytest.mark.parametrize(("received", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_of_a_page_ends_everything(received: signal.Signals, code: int, tmp_path: Path) -> None:
    """SIGINT in a call used to be ignored, SIGTERM to leave children (docs/security.md)."""
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer="word " * 5000, piece_seconds=0.05) as ollama, started(ollama) as server:
        in_the_middle_of_a_page(server, ollama, document)
        children = children_of(server.pid)
        assert children
        server.send_signal(received)
        assert server.wait(timeout=LIMIT_SECONDS) == code
        assert all_gone(children)
        assert ollama.generations[0].client_left.wait(1)


def test_a_server_whose_parent_was_killed_ends_though_its_stdin_is_open(tmp_path: Path) -> None:
    """A wrapper that is killed leaves the pipe open when something else holds it too."""
    reading, writing = os.pipe()
    wrapper = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
    command = [sys.executable, "-c", wrapper, *COMMAND]
    log = (tmp_path / "log").open("wb")
    with log, subprocess.Popen(command, stdin=reading, stdout=subprocess.PIPE, stderr=log) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(2)
        assert _runs(pid)
        parent.kill()
        assert all_gone([pid])
    os.close(reading)
    os.close(writing)


def test_a_server_whose_stdin_closes_ends_with_0(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer="word " * 5000, piece_seconds=0.05) as ollama, started(ollama) as server:
        in_the_middle_of_a_page(server, ollama, document)
        children = children_of(server.pid)
        assert server.stdin is not None
        server.stdin.close()
        assert server.wait(timeout=LIMIT_SECONDS) == 0
        assert all_gone(children)
