"""Measured programs, each in a process of its own, and their costs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READ = (sys.executable, "-m", "ocr_mcp", "read")
_LEFT_OUT = ("OCR_MCP_", "OLLAMA_", "PYTHONPATH")  # a path would put one checkout's package before another's
_PIPE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended. `cpu_seconds` includes its children; `first_output_seconds` is None without output."""

    seconds: float
    cpu_seconds: float
    first_output_seconds: float | None
    log: str
    code: int


def environment(url: str, cache: Path, *, parallel: int = 1, **settings: object) -> dict[str, str]:
    """Return the environment of a measured program: this process's without its settings, with a model and a cache."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    own = {"ollama_host": url, "cache_folder": cache, "ollama_parallel": parallel, "engine": "ollama"}
    own |= {"allowed_folders": "/", **settings}
    return kept | {f"OCR_MCP_{name.upper()}": str(value) for name, value in own.items()}


class Program:
    """A running process whose output is read in the background; only its log is kept."""

    def __init__(self, command: Sequence[str | Path], env: dict[str, str]) -> None:
        self._started = time.monotonic()
        self._first: float | None = None
        self._log: list[bytes] = []
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([str(part) for part in command], stdout=pipe, stderr=pipe, env=env)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._take_output, self._take_log)]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process identifier."""
        return self._process.pid

    @property
    def has_written(self) -> bool:
        """True once some output has come."""
        return self._first is not None

    def kill(self) -> None:
        """Kill the process with SIGKILL."""
        self._process.kill()

    def rss_bytes(self) -> int:
        """Return the resident memory of the process without its children; 0 when it has ended."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def is_collected(self) -> bool:
        """True once `wait` has returned."""
        return self._process.returncode is not None

    def has_ended(self) -> bool:
        """Return True once the process has ended. It stays a zombie until `wait` collects it."""
        state = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return state is not None

    def wait(self) -> Ended:
        """Wait until the process ends, and return its costs."""
        _, status, usage = os.wait4(self.pid, 0)
        seconds = time.monotonic() - self._started
        self._process.returncode = os.waitstatus_to_exitcode(status)
        for thread, stream in zip(self._threads, (self._process.stdout, self._process.stderr), strict=True):
            thread.join()
            if stream is not None:
                stream.close()
        return Ended(
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            first_output_seconds=None if self._first is None else self._first - self._started,
            log=b"".join(self._log).decode("utf-8", "replace"),
            code=self._process.returncode,
        )

    def _take_output(self) -> None:
        assert self._process.stdout is not None
        while os.read(self._process.stdout.fileno(), _PIPE_BYTES):
            self._first = self._first or time.monotonic()

    def _take_log(self) -> None:
        assert self._process.stderr is not None
        while piece := os.read(self._process.stderr.fileno(), _PIPE_BYTES):
            self._log.append(piece)


def run(command: Sequence[str | Path], env: dict[str, str]) -> Ended:
    """Run a process to its end. Raises `RuntimeError` with its log if it fails."""
    ended = Program(command, env).wait()
    if ended.code != 0:
        raise RuntimeError(f"{command[:4]} ended with {ended.code}: {ended.log[-2000:]}")
    return ended


@contextmanager
def running(command: Sequence[str | Path], env: dict[str, str]) -> Generator[Program]:
    """Start a process, and kill it at the end of the block if it still runs."""
    program = Program(command, env)
    try:
        yield program
    finally:
        if not program.is_collected:
            program.kill()
            program.wait()
