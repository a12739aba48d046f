"""The measured programs, each a process of its own, and what they cost."""

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
SERVE = (sys.executable, "-m", "ocr_mcp", "serve")


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended. `cpu_seconds` are its own and its children's; `first_output_seconds` None if none came."""

    seconds: float
    cpu_seconds: float
    first_output_seconds: float | None
    output: bytes
    log: str
    code: int


def environment(url: str, cache: Path, *, parallel: int = 1, **settings: object) -> dict[str, str]:
    """The environment of a measured program: this one's without its settings, with a model and a cache folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OCR_MCP_", "OLLAMA_"))}
    own = {"ollama_host": url, "cache_folder": cache, "ollama_parallel": parallel, "engine": "ollama"}
    own |= {"allowed_folders": "/", **settings}
    return kept | {f"OCR_MCP_{name.upper()}": str(value) for name, value in own.items()}


class Program:
    """A running process whose output is gathered in the background."""

    def __init__(self, command: Sequence[str | Path], env: dict[str, str]) -> None:
        self._started = time.monotonic()
        self._first: float | None = None
        self._output: list[bytes] = []
        self._log: list[bytes] = []
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([str(part) for part in command], stdout=pipe, stderr=pipe, env=env)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._take_output, self._take_log)]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def has_written(self) -> bool:
        """Whether some output came."""
        return self._first is not None

    def kill(self) -> None:
        """As `kill -9` does."""
        self._process.kill()

    def rss_bytes(self) -> int:
        """What it holds in memory now, without its children; 0 when it has ended."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def is_collected(self) -> bool:
        """Whether `wait` has returned."""
        return self._process.returncode is not None

    def has_ended(self) -> bool:
        """Whether it ended; it is not collected yet."""
        state = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return state is not None

    def wait(self) -> Ended:
        """Its end."""
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
            output=b"".join(self._output),
            log=b"".join(self._log).decode("utf-8", "replace"),
            code=self._process.returncode,
        )

    def _take_output(self) -> None:
        assert self._process.stdout is not None
        while piece := os.read(self._process.stdout.fileno(), 65536):
            self._first = self._first or time.monotonic()
            self._output.append(piece)

    def _take_log(self) -> None:
        assert self._process.stderr is not None
        while piece := os.read(self._process.stderr.fileno(), 65536):
            self._log.append(piece)


def run(command: Sequence[str | Path], env: dict[str, str]) -> Ended:
    """A process from its start to its end. Raises `RuntimeError` with its log if it fails."""
    ended = Program(command, env).wait()
    if ended.code != 0:
        raise RuntimeError(f"{command[:4]} ended with {ended.code}: {ended.log[-2000:]}")
    return ended


@contextmanager
def running(command: Sequence[str | Path], env: dict[str, str]) -> Generator[Program]:
    """A process that is killed at the end of the block if it still runs."""
    program = Program(command, env)
    try:
        yield program
    finally:
        if not program.is_collected:
            program.kill()
            program.wait()
