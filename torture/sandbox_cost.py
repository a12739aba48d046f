"""Measure the cost of the sandbox: both kinds of workers work inside it and outside it, turn by turn."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import anyio
from PIL import Image, ImageDraw

from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.process import Worker
from tests.sources.drawn import pdf_bytes
from torture.harness.verdict import Verdict, conclude

FULL = 400
QUICK = 60
"""Turns."""

MAX_RATIO = 1.10
"""Time inside over time outside that is still noise on a shared machine."""

Turn = Callable[[Worker, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Median seconds of a turn inside the sandbox and outside, and the layers of the sandbox."""

    inside: float
    outside: float
    layers: tuple[str, ...]

    @property
    def ratio(self) -> float:
        return self.inside / self.outside


def run(count: int) -> Verdict:
    """Compare the medians of so many turns of each worker."""
    rendering = anyio.run(_cost, "ocr_mcp.sources.render_worker.worker", "torture.harness.free_worker", _render, count)
    embedded = "ocr_mcp.engines.embedded.worker", "torture.harness.free_embedded_worker"
    recognising = anyio.run(_cost, *embedded, _recognise, count)
    figures = f"{_shown('open and render', rendering)}; {_shown('recognise a line', recognising)}; {count} turns"
    return Verdict(figures, max(rendering.ratio, recognising.ratio) <= MAX_RATIO)


def _shown(what: str, cost: Cost) -> str:
    layers, inside, outside = "+".join(cost.layers) or "none", cost.inside * 1000, cost.outside * 1000
    return f"{what} in {layers}: {inside:.1f} ms, without {outside:.1f} ms, ratio {cost.ratio:.2f}"


async def _cost(confined_module: str, free_module: str, turn: Turn, count: int) -> Cost:
    confined, free = Worker(confined_module), Worker(free_module)
    seconds: dict[Worker, list[float]] = {confined: [], free: []}
    try:
        for number in range(-1, count):  # the first turn starts the workers and is not counted
            for worker in (confined, free) if number % 2 else (free, confined):
                began = perf_counter()
                await turn(worker, number)
                if number >= 0:
                    seconds[worker].append(perf_counter() - began)
    finally:
        await confined.aclose()
        await free.aclose()
    return Cost(median(seconds[confined]), median(seconds[free]), confined.sandbox)


async def _render(worker: Worker, number: int) -> None:
    page: Header = {
        "digest": str(number),
        "number": 1,
        "size_px": [1100, 550],
        "turn": 0,
        "region": [0, 0, 400, 200],
        "jpeg_quality": 85,
    }
    opened: Header = {"digest": str(number), "name": "page.pdf"}
    await worker.call("open", opened, _PDF, deadline_seconds=20)
    await worker.call("render", page, deadline_seconds=20)


async def _recognise(worker: Worker, _: int) -> None:
    await worker.call("recognize_snippets", {"sizes": [len(_LINE)]}, _LINE, deadline_seconds=60)


def _line() -> bytes:
    picture = Image.new("RGB", (300, 60), "white")
    ImageDraw.Draw(picture).text((10, 10), "Total 3,472.29", fill="black", font_size=32)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


_PDF = pdf_bytes(pages=1)
_LINE = _line()

if __name__ == "__main__":
    conclude(run, full=FULL)
