"""Make thousands of calls of all tools, one in a hundred with a fault: nothing may grow."""

import random
import statistics
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.documents import scanned_pdf, text_pdf, written
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble
from torture.harness.memory import resident_bytes
from torture.harness.processes import count_descriptors, count_threads
from torture.harness.raw_client import RawClient, environment, raw_client, tool_call
from torture.harness.verdict import Verdict, conclude

FULL = 20_000
QUICK = 150
"""Calls."""

MAX_SLOPE_BYTES = 1_000_000
"""Growth of memory for each 10,000 calls."""

_WARM_UP_SHARE = 0.4
"""The part of the calls before memory is measured, in which bounded caches fill."""

_MIN_JUDGED_CALLS = 10_000
"""With fewer calls, bounded caches are still filling: 5,000 show a slope of 8.7 MB, 10,000 one of 0.3."""

_CALLS_BETWEEN_LOOKS = 25
_FAULTS = (Fault.CRASH, Fault.NO_DONE, Fault.CUT, Fault.GARBAGE, Fault.ERROR_LINE, Fault.HTML_502, Fault.BUSY)
_SPARE_THREADS = 3
"""Threads that may come in the first minutes, to wait for work."""

_DOCUMENTS = 40
_SEED = 4


@dataclass
class _Looks:
    """Measurements of the server, one every so many calls."""

    calls: list[int] = field(default_factory=list[int])
    memory: list[int] = field(default_factory=list[int])
    descriptors: list[int] = field(default_factory=list[int])
    threads: list[int] = field(default_factory=list[int])

    def look(self, calls: int, pid: int) -> None:
        self.calls.append(calls)
        self.memory.append(resident_bytes(pid))
        self.descriptors.append(count_descriptors(pid))
        self.threads.append(count_threads(pid))

    def slope(self) -> float:
        """Return the bytes of memory for each 10,000 calls, by a line through all measurements."""
        return statistics.linear_regression(self.calls, self.memory).slope * 10_000

    def growth(self, seen: list[int]) -> int:
        """Return by how much the largest of the last third exceeds the largest of the first."""
        third = max(1, len(seen) // 3)
        return max(seen[-third:]) - max(seen[:third])


def run(count: int) -> Verdict:
    """Make so many calls."""
    chance = random.Random(_SEED)

    def fault(_: GenerateCall) -> Fault | None:
        return chance.choice(_FAULTS) if chance.random() < 0.01 else None

    with tempfile.TemporaryDirectory(prefix="ocr-mcp-soak-") as name, OllamaDouble(fault=fault) as model:
        folder = Path(name)
        sources = _write_documents(folder)
        env = environment(model.url, folder, cache_mb=1, engine_wait_seconds=0)
        with raw_client(env, folder / "log") as client:
            looks, outcomes = _soak(client, sources, count, chance)
            model.requests.clear()
    return _judged(count, looks, outcomes)


def _soak(client: RawClient, sources: list[str], count: int, chance: random.Random) -> tuple[_Looks, Counter[str]]:
    looks, outcomes = _Looks(), Counter[str]()
    for number in range(1, count + 1):
        tool, arguments = _call(sources, chance)
        answer = client.ask(tool_call(number, tool, arguments), number)
        outcomes["failed" if answer.get("result", {}).get("isError") else "answered"] += 1
        if number > count * _WARM_UP_SHARE and number % _CALLS_BETWEEN_LOOKS == 0:
            looks.look(number, client.process.pid)
    return looks, outcomes


def _call(sources: list[str], chance: random.Random) -> tuple[str, dict[str, object]]:
    source, kind = chance.choice(sources), chance.random()
    region = [0, 0, chance.randint(50, 500), chance.randint(50, 500)]  # a region that was not read before
    if kind < 0.45:
        return "ocr_page", {"source": source, "region": region, "include_boxes": chance.random() < 0.3}
    if kind < 0.6:
        return "ocr_page", {"source": source, "task": chance.choice(("text", "lines", "describe"))}
    if kind < 0.85:
        return "ocr_pdf", {"source": source, "pages": chance.choice(("all", "1", "1-2", "2-"))}
    if kind < 0.97:
        return "parse_chart", {"source": source, "region": region}
    return "ocr_page", {"source": chance.choice((f"{source}.gone", "/etc/passwd", source)), "page": 99}


def _write_documents(folder: Path) -> list[str]:
    made = [scanned_pdf(folder / f"scan{n}.pdf", pages=range(1 + n, 4 + n)) for n in range(_DOCUMENTS // 2)]
    made += [text_pdf(folder / f"text{n}.pdf", pages=2 + n % 3) for n in range(_DOCUMENTS // 4)]
    made += [written(folder / f"word{n}.png", f"word {n}") for n in range(_DOCUMENTS // 4)]
    return [str(path) for path in made]


def _judged(count: int, looks: _Looks, outcomes: Counter[str]) -> Verdict:
    descriptors, threads = looks.growth(looks.descriptors), looks.growth(looks.threads)
    slope, is_long = looks.slope(), count >= _MIN_JUDGED_CALLS
    shown = f"{slope / 1e6:+.2f} MB for 10,000 calls" + ("" if is_long else " (too few to tell)")
    figures = (
        f"{count} calls, {outcomes['answered']} answered, {outcomes['failed']} failed as they should; memory"
        f" {looks.memory[-1] / 1e6:.0f} MB, {shown}; descriptors {descriptors:+d}, threads {threads:+d}"
    )
    steady = slope < MAX_SLOPE_BYTES and threads <= 0 if is_long else threads <= _SPARE_THREADS
    steady = steady and descriptors <= 0
    return Verdict(figures, steady and outcomes.total() == count)


if __name__ == "__main__":
    conclude(run, full=FULL)
