"""What the program costs beside the model: memory, processor, time to start, time to the first page."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness.figures import Figure, at_most
from benchmarks.harness.model import Model
from benchmarks.harness.programs import READ, SERVE, Program, environment, run, running

BARE_SERVER = (sys.executable, "-c", "from mcp.server import MCPServer; MCPServer('bare').run('stdio')")
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
}


def measure_first_page(document: Path, *, pages: int, rounds: int, seconds: float = 0.1) -> list[Figure]:
    """The first page of a long document, from the start of the process, beyond what the model takes for it.

    Several times, because the first one also pays for memory that the machine has not used for a while.
    """
    times = [_first_page(document, seconds) - seconds for _ in range(rounds)]
    megabytes = document.stat().st_size / 1e6
    note = f"{megabytes:.0f} MB PDF, median of {', '.join(f'{each:.2f}' for each in times)}"
    return [at_most(f"first of {pages:,} pages, beyond its latency", statistics.median(times), "s", 1.5, note=note)]


def _first_page(document: Path, seconds: float) -> float:
    with (
        tempfile.TemporaryDirectory() as cache,
        Model(seconds=seconds, slots=4) as model,
        running([*READ, document], environment(model.url, Path(cache), parallel=4)) as program,
    ):
        while not program.has_written and not program.has_ended():
            time.sleep(0.005)
        program.kill()
        ended = program.wait()
    if ended.first_output_seconds is None:
        raise RuntimeError(ended.log[-2000:])
    return ended.first_output_seconds


def measure_memory(document: Path, *, pages: int, seconds: float = 0.1, slots: int = 4) -> list[Figure]:
    """The memory of the process that reads a long document."""
    with tempfile.TemporaryDirectory() as cache, Model(seconds=seconds, slots=slots) as model:
        program = Program([*READ, document], environment(model.url, Path(cache), parallel=slots))
        samples: list[tuple[int, int]] = []
        while not program.has_ended():
            samples.append((model.answered, program.rss_bytes()))
            time.sleep(0.02)
        ended = program.wait()
        if ended.code != 0:
            raise RuntimeError(ended.log[-2000:])
    # Medians around the page, because a picture in flight weighs two megabytes.
    early = statistics.median(rss for page, rss in samples if 5 <= page <= 15)
    late = statistics.median(rss for page, rss in samples if pages - 11 <= page < pages)
    growth = f"{early / 1e6:.0f} MB at page 10, {late / 1e6:.0f} MB at the last"
    return [at_most(f"memory from page 10 to {pages:,}", (late - early) / 1e6, "MB", 20, note=growth)]


def measure_processor(document: Path, *, pages: int) -> list[Figure]:
    """CPU of the process and its children, and the same document again from the cache."""
    with tempfile.TemporaryDirectory() as cache, Model(seconds=0.0, slots=4) as model:
        env = environment(model.url, Path(cache), parallel=4)
        ended = run([*READ, document], env)
        again = run([*READ, document], env)
        if model.calls != pages:
            raise RuntimeError(f"{model.calls} calls for {pages} pages")
    return [
        Figure("processor a page, without inference", ended.cpu_seconds / pages * 1000, "ms", note="with children"),
        at_most(f"the same {pages} pages from the cache", again.seconds, "s", 2, note="the whole process"),
    ]


def measure_start_up(*, rounds: int) -> list[Figure]:
    """Time to the answer to `initialize`, beside a server without tools, one after the other."""
    with tempfile.TemporaryDirectory() as cache:
        env = environment("http://127.0.0.1:9", Path(cache))
        pairs = [(_start(SERVE, env), _start(BARE_SERVER, env)) for _ in range(rounds)]
    own, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    note = f"{own:.2f} s and {bare:.2f} s, median of {rounds}"
    return [at_most("MCP start-up against a bare server", own / bare, "times", 1.5, note=note)]


def _start(command: Sequence[str], env: dict[str, str]) -> float:
    pipe = subprocess.PIPE
    started = time.monotonic()
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=env) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        took = time.monotonic() - started
        server.stdin.close()
        server.wait(10)
    if b'"result"' not in answer:
        raise RuntimeError(f"{command[:3]} answered {answer!r}")
    return took
