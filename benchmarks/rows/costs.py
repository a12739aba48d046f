"""The program's costs beside the model: memory, processor, time to start, time to the first page."""

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness.checkouts import Checkout
from benchmarks.harness.figures import Figure, at_most
from benchmarks.harness.model import Model
from benchmarks.harness.programs import Program, environment, run, running

FIRST_PAGE_SECONDS = 1.5
MAX_GROWTH_MEGABYTES = 20
CACHED_PAGES_SECONDS = 2
MAX_START_RATIO = 1.5
"""Time to start over that of a server without tools."""

LATENCY_SECONDS = 0.1
"""Time that the model takes for a page of a long document."""

BARE_SERVER = "from mcp.server import MCPServer; MCPServer('bare').run('stdio')"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
}
_SLOTS = 4
_END_SECONDS = 10


def measure_first_page(checkout: Checkout, document: Path, *, pages: int) -> list[Figure]:
    """Measure from the start of the process to the first page of a long document, less the model's latency.

    It should be measured several times: the first start also pays for memory that the machine has not used for a while.
    """
    with (
        tempfile.TemporaryDirectory() as cache,
        Model(seconds=LATENCY_SECONDS, slots=_SLOTS) as model,
        running([*checkout.read, document], environment(model.url, Path(cache), parallel=_SLOTS)) as program,
    ):
        while not program.has_written and not program.has_ended():
            time.sleep(0.005)
        program.kill()
        ended = program.wait()
    if ended.first_output_seconds is None:
        raise RuntimeError(ended.log[-2000:])
    name, note = f"first of {pages:,} pages, beyond its latency", f"{document.stat().st_size / 1e6:.0f} MB PDF"
    return [at_most(name, ended.first_output_seconds - LATENCY_SECONDS, "s", FIRST_PAGE_SECONDS, note=note)]


def measure_memory(checkout: Checkout, document: Path, *, pages: int) -> list[Figure]:
    """Measure the growth of the process that reads a long document, without its children."""
    with tempfile.TemporaryDirectory() as cache, Model(seconds=LATENCY_SECONDS, slots=_SLOTS) as model:
        program = Program([*checkout.read, document], environment(model.url, Path(cache), parallel=_SLOTS))
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
    note = f"{early / 1e6:.0f} MB at page 10, {late / 1e6:.0f} MB at the last"
    name = f"memory from page 10 to {pages:,}"
    return [at_most(name, (late - early) / 1e6, "MB", MAX_GROWTH_MEGABYTES, note=note)]


def measure_processor(checkout: Checkout, document: Path, *, pages: int) -> list[Figure]:
    """Measure the CPU time of the process and its children, then read the same document from the cache."""
    with tempfile.TemporaryDirectory() as cache, Model(seconds=0.0, slots=_SLOTS) as model:
        env = environment(model.url, Path(cache), parallel=_SLOTS)
        ended = run([*checkout.read, document], env)
        again = run([*checkout.read, document], env)
        if model.calls != pages:
            raise RuntimeError(f"{model.calls} calls for {pages} pages")
    name = f"the same {pages} pages from the cache"
    return [
        Figure("processor a page, without inference", ended.cpu_seconds / pages * 1000, "ms", note="with children"),
        at_most(name, again.seconds, "s", CACHED_PAGES_SECONDS, note="the whole process"),
    ]


def measure_start_up(checkout: Checkout) -> list[Figure]:
    """Measure the time to the answer to `initialize`, over that of a server without tools right after it."""
    with tempfile.TemporaryDirectory() as cache:
        env = environment("http://127.0.0.1:9", Path(cache))
        own = _start_seconds(checkout.serve, env)
        bare = _start_seconds((str(checkout.python), "-c", BARE_SERVER), env)
    note = f"{own:.2f} s and {bare:.2f} s"
    return [at_most("MCP start-up against a bare server", own / bare, "times", MAX_START_RATIO, note=note)]


def _start_seconds(command: Sequence[str], env: dict[str, str]) -> float:
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
        server.wait(_END_SECONDS)
    if b'"result"' not in answer:
        raise RuntimeError(f"{command[:3]} answered {answer!r}")
    return took
