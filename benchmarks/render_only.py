"""How fast pages can be drawn on this machine, with nothing else to do. Usage: PDF PAGES WORKERS."""

import sys
import time

import anyio

from ocr_mcp.app.building import make_sources
from ocr_mcp.families.base import DEEPSEEK_OCR
from ocr_mcp.settings import Settings

DRAWN = DEEPSEEK_OCR.raster.model_copy(update={"scan_edge_px": None})
"""Scans are drawn too, which are else sent as they are."""


async def _render(path: str, pages: int, workers: int) -> float:
    """Pages a second, not counting the workers' start."""
    sources = make_sources(Settings(render_workers=workers))
    numbers = iter(range(1, pages + 1))
    async with sources.open(path) as source:

        async def work() -> None:
            for number in numbers:
                await source.render(number, DRAWN)

        async with anyio.create_task_group() as tasks:
            for _ in range(workers):
                tasks.start_soon(source.render, 1, DRAWN)
        started = time.monotonic()
        async with anyio.create_task_group() as tasks:
            for _ in range(2 * workers):
                tasks.start_soon(work)
        took = time.monotonic() - started
    await sources.aclose()
    return pages / took


def main() -> None:
    """Print pages a second."""
    path, pages, workers = sys.argv[1:]
    print(anyio.run(_render, path, int(pages), int(workers)))


if __name__ == "__main__":
    main()
