"""The command as a child process, as a shell starts it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.doubles.ollama_server import OllamaDouble

# A shell that runs tests in the background has its children ignore Ctrl-C.
_HEEDING_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from ocr_mcp.cli import main
main()
"""


def run(*arguments: object, ollama: OllamaDouble | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """`ocr-mcp` with these arguments; without a double, nothing answers where Ollama should be."""
    host = ollama.url if ollama else "http://127.0.0.1:9"
    command = [sys.executable, "-m", "ocr_mcp", *map(str, arguments)]
    env = os.environ | {"OLLAMA_HOST": host} | environment
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def started(
    *arguments: object, ollama: OllamaDouble, stderr: int | IO[bytes] = subprocess.PIPE, **environment: str
) -> Generator[subprocess.Popen[bytes]]:
    """The same, still running; killed if the test does not see its end. One render worker, so that pages reach the
    engine in their order.
    """
    command = [sys.executable, "-c", _HEEDING_CTRL_C, *map(str, arguments)]
    env = os.environ | {"OLLAMA_HOST": ollama.url, "OCR_MCP_RENDER_WORKERS": "1"} | environment
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=stderr) as process:
        try:
            yield process
        finally:
            process.kill()


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that it started and that are still there."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Look until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not become so in time"
        time.sleep(0.02)


def stopped_by(process: subprocess.Popen[bytes], number: signal.Signals, *, seconds: float = 10) -> tuple[int, str]:
    """Exit code and stderr after a signal."""
    process.send_signal(number)
    _, stderr = process.communicate(timeout=seconds)
    return process.returncode, (stderr or b"").decode()
