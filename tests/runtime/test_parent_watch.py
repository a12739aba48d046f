"""A process notices the death of its parent."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")

_WRAPPER = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); p.wait()"
_WATCHING = """
import os, sys, time
from functools import partial
from ocr_mcp.runtime.parent_watch import watching_parent
with watching_parent(partial(os._exit, 0), stdin=len(sys.argv) > 1):
    print("watching", flush=True)
    time.sleep(60)
"""


def ends(pid: int, *, seconds: float = 3) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_process_ends_with_its_parent() -> None:
    command = [sys.executable, "-c", _WRAPPER, sys.executable, "-c", _WATCHING]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        lines = {parent.stdout.readline().strip(), parent.stdout.readline().strip()}
        (pid,) = (int(line) for line in lines if line.isdigit())
        parent.kill()
        assert ends(pid)


@pytest.mark.parametrize(("sent", "has_ended"), [(b"", True), (b"a message", False)])
def test_a_stdin_that_closes_unused_is_a_death_and_one_with_a_message_is_not(sent: bytes, has_ended: bool) -> None:
    reading, writing = os.pipe()
    command = [sys.executable, "-c", _WATCHING, "stdin"]
    with subprocess.Popen(command, stdin=reading, stdout=subprocess.PIPE) as process:
        os.close(reading)
        assert process.stdout is not None
        process.stdout.readline()
        os.write(writing, sent)
        os.close(writing)
        assert ends(process.pid, seconds=1.5) == has_ended
        process.kill()
