"""Opening and drawing pages in the sandbox and beside it, turn by turn: what the sandbox costs."""

import time
from statistics import median

import anyio

from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.process import Worker
from tests.sources.drawn import pdf_bytes
from torture.verdict import Verdict, conclude

FULL = 400
QUICK = 60
MOST = 1.10
"""The ratio that is still noise on a shared machine."""


def run(count: int) -> Verdict:
    """So many turns of each worker; the medians are compared."""
    return anyio.run(_compare, count)


async def _compare(count: int) -> Verdict:
    confined, free = Worker("ocr_mcp.sources.worker"), Worker("torture.free_worker")
    try:
        data = pdf_bytes(pages=1)
        seconds: dict[Worker, list[float]] = {confined: [], free: []}
        for turn in range(count):
            for worker in (confined, free) if turn % 2 else (free, confined):
                seconds[worker].append(await _turn(worker, data, str(turn)))
        inside, outside = (median(seconds[worker]) for worker in (confined, free))
    finally:
        await confined.aclose()
        await free.aclose()
    layers = "+".join(confined.sandbox) or "none"
    figures = f"sandbox {layers}: open and render {inside * 1000:.1f} ms, without {outside * 1000:.1f} ms"
    return Verdict(f"{figures}, ratio {inside / outside:.2f} of {count}", inside / outside <= MOST)


async def _turn(worker: Worker, data: bytes, digest: str) -> float:
    began = time.perf_counter()
    await worker.call("open", {"digest": digest, "name": "page.pdf"}, data, deadline_seconds=20)
    page: Header = {
        "digest": digest,
        "number": 1,
        "size_px": [1100, 550],
        "region": [0, 0, 400, 200],
        "jpeg_quality": 85,
    }
    await worker.call("render", page, deadline_seconds=20)
    return time.perf_counter() - began


if __name__ == "__main__":
    conclude(run, full=FULL)
