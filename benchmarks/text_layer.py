"""Measure how PDFs with their own text are read: speed, distance to a ground truth, and which text layers are trusted.

    python -m benchmarks.text_layer ../shared/data

The speed is that of `ocr-mcp read` on a book without a cache, all processes counted: from the start of the command, and
from its first page on. Pages a second depend on the other work of the machine, CPU-seconds a page do not.
"""

import argparse
import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.text import page_to_text
from ocr_mcp.model.documents import Page, PageOrigin
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.settings import Settings

BOOK = "pypdf_samples/009-pdflatex-geotopo__GeoTopo-komprimiert.pdf"
BOOK_TEXT = "pypdf_samples/read__extraction-ground-truth__GeoTopo-book.txt"
LABELS = "text_layer_trust_labels.json"


def time_command(book: Path) -> tuple[float, float]:
    """Return the wall and CPU seconds of the whole command."""
    environment = {**os.environ, "OCR_MCP_CACHE_MB": "0"}
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("ocr-mcp")), "read", "--engine", "embedded", str(book)]
        before, started = _children_seconds(), time.monotonic()
        subprocess.run([*command, "-o", f"{folder}/book.md"], check=True, env=environment, capture_output=True)
        return time.monotonic() - started, _children_seconds() - before


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def read_in_process(book: Path) -> tuple[list[Page], float]:
    """Return the pages, and the seconds from the first to the last, which exclude the start."""
    pages: list[Page] = []
    async with Reader(Settings(engine="embedded", cache_mb=0)) as reader:
        async with reader.reading(str(book), ReadOptions()) as read:
            started = 0.0
            async for result in read.results:
                assert isinstance(result, Page)
                started = started or time.monotonic()
                pages.append(result)
        return pages, time.monotonic() - started


def text_distance(pages: list[Page], truth: str) -> float:
    """Return the normalised edit distance of the whole text, letters and digits only, as OmniDocBench cleans it."""
    ours, theirs = (re.sub(r"[^\w\u4e00-\u9fff]", "", text) for text in ("\n".join(map(page_to_text, pages)), truth))
    return Levenshtein.normalized_distance(ours, theirs)


async def judge_text_layers(data: Path) -> tuple[int, int]:
    """Return how many labelled text layers are judged rightly, of how many; partial ones may go either way."""
    cases = json.loads((data / LABELS).read_text())
    right = 0
    async with Reader(Settings(engine="embedded", cache_mb=0)) as reader:
        for case in cases:
            page = (await reader.read_page(str(data / case["path"]), case["page"] + 1, ReadOptions())).page
            is_native = page.origin is PageOrigin.TEXT_LAYER
            fits = case["label"] == "partial" or is_native is (case["label"] != "bad")
            right += fits
            verdict = "right" if fits else "WRONG"
            print(f"  {verdict} {case['label']:8} {page.origin:11} {case['file']}: {page.origin_reason}")
    return right, len(cases)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data: Path = parser.parse_args().data
    right, total = asyncio.run(judge_text_layers(data))
    print(f"{right} of {total} labelled text layers judged right")
    wall, cpu = time_command(data / BOOK)
    pages, running = asyncio.run(read_in_process(data / BOOK))
    count = len(pages)
    print(f"{count} pages: {count / wall:.1f} pages/s with start-up ({wall:.1f} s, {cpu:.1f} CPU-s),")
    print(
        f"{(count - 1) / running:.1f} pages/s from the first page on ({running:.1f} s), load {os.getloadavg()[0]:.1f}"
    )
    print(f"text edit distance {text_distance(pages, (data / BOOK_TEXT).read_text()):.4f}")


if __name__ == "__main__":
    main()
