"""Measure how many pages are turned rightly and wrongly, the cost of a look, and what is read then.

    python -m benchmarks.orientation ../shared/data            # every page in four ways, without reading them
    python -m benchmarks.orientation ../shared/data --level    # pages with level lines, and the gain of a glance
    python -m benchmarks.orientation ../shared/data --read 24  # read that many pages in four ways
    python -m benchmarks.orientation ../shared/data --cost 100 # its cost for pages that a model on a GPU reads

Each page is drawn as the embedded engine gets it, upright and turned. The pages are taken to be upright as they are;
those that are printed by name were turned wrongly, for a person to look at. CPU is that of the engine's process.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
from statistics import fmean, median

from rapidfuzz.distance import Levenshtein

from benchmarks.harness.model import Model
from benchmarks.harness.programs import READ, environment, run
from benchmarks.harness.scans import make_scans
from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.text import page_to_text
from ocr_mcp.engines.embedded.engine import EmbeddedEngine
from ocr_mcp.engines.orientation.check import decoded
from ocr_mcp.engines.orientation.pool import PageLooker
from ocr_mcp.engines.orientation.quick_check import is_plainly_upright
from ocr_mcp.errors import OcrError
from ocr_mcp.families.rapidocr import RAPIDOCR
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.turning import Turn
from ocr_mcp.parsing.layout.orientation import judge_orientation
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.pipeline.orientation import MIN_LEVELNESS
from ocr_mcp.settings import Settings
from ocr_mcp.sources.documents import OpenSource, SourceReader

ENDINGS = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}
PAGES_OF_A_DOCUMENT = 6
MIN_CHARACTERS = 200
"""Pages with less text are not compared."""

FAR_DISTANCE = 0.1
"""Normalised edit distance beyond which a turned page is printed by name."""


async def open_pages(sources: SourceReader, data: Path) -> AsyncGenerator[tuple[str, OpenSource, int]]:
    """Yield some pages of every document that can be opened, except files that were damaged on purpose."""
    for path in _find_documents(data):
        try:
            async with sources.open(str(path)) as source:
                step = max(1, source.page_count // PAGES_OF_A_DOCUMENT)
                for number in range(1, source.page_count + 1, step)[:PAGES_OF_A_DOCUMENT]:
                    yield f"{path.relative_to(data)} {number}", source, number
        except OcrError:
            continue


def _find_documents(data: Path) -> list[Path]:
    found = (path for path in data.rglob("*") if path.suffix.lower() in ENDINGS and "malformed" not in str(path))
    return sorted(found)


async def look_at_all(data: Path) -> None:
    """Print how every page is turned, displayed in four ways."""
    sources = SourceReader(policy=AccessPolicy(allowed_folders=None, allow_urls=False))
    embedded = EmbeddedEngine(workers=1)
    looker = PageLooker(embedded)
    found = {turn: Counter[str]() for turn in Turn}
    seconds: list[float] = []
    async for name, source, number in open_pages(sources, data):
        for turn in Turn:
            try:
                image = await source.render(number, RAPIDOCR.raster, turn=turn)
            except OcrError:
                break
            started = time.monotonic()
            answer = await find_turn(looker, image)
            seconds += [time.monotonic() - started] if turn is Turn.NONE else []
            verdict = "right" if answer is turn.back else "not turned" if answer is Turn.NONE else "wrongly turned"
            found[turn][verdict] += 1
            if verdict == "wrongly turned":
                print(f"{name}: displayed turned by {int(turn)}, then turned by {int(answer)}")
    for turn, counts in found.items():
        print(f"turned by {int(turn):3}: {dict(counts)}")
    print(f"a close look at an upright page: {fmean(seconds):.3f} s (median {median(seconds):.3f})")
    await looker.aclose()
    await sources.aclose()


async def see_levelness(data: Path) -> None:
    """Print how many pages are taken for level without a look, and for upright at a glance, displayed in four ways."""
    sources = SourceReader(policy=AccessPolicy(allowed_folders=None, allow_urls=False))
    level, upright, all_of_them = Counter[Turn](), Counter[Turn](), Counter[Turn]()
    seconds: list[float] = []
    async for _, source, number in open_pages(sources, data):
        for turn in Turn:
            try:
                image = await source.render(number, RAPIDOCR.raster, turn=turn, levelness=True)
            except OcrError:
                break
            all_of_them[turn] += 1
            if (image.levelness or 0.0) > MIN_LEVELNESS:
                picture = decoded(image.data)
                started = time.monotonic()
                level[turn] += 1
                upright[turn] += is_plainly_upright(picture)
                seconds.append(time.monotonic() - started)
    for turn in Turn:
        seen = f"{level[turn]} of {all_of_them[turn]} plainly level, {upright[turn]} of them upright at a glance"
        print(f"turned by {int(turn):3}: {seen}")
    print(f"a glance at a picture that is decoded: {fmean(seconds):.3f} s (median {median(seconds):.3f})")
    await sources.aclose()


async def find_turn(looker: PageLooker, image: PageImage) -> Turn:
    """Return the turn that a close look finds; a page that cannot be looked at stays as it is."""
    try:
        seen = await looker.look(image)
    except OcrError as error:
        print(f"not looked at: {error.message}")
        return Turn.NONE
    return judge_orientation(seen).turn


async def read_some(data: Path, count: int) -> None:
    """Print the distance of turned pages to the same pages upright, and the CPU of all processes with their start."""
    with tempfile.TemporaryDirectory() as folder:
        names = await _write_pages(data, Path(folder), count)
        texts = {turn: await _read(turn, Path(folder), len(names)) for turn in Turn}
    with_text = [index for index, (text, _) in enumerate(texts[Turn.NONE]) if len(text) >= MIN_CHARACTERS]
    for turn in (Turn.RIGHT, Turn.HALF, Turn.LEFT):
        pairs = {index: (texts[Turn.NONE][index][0], texts[turn][index][0]) for index in with_text}
        distances = {index: Levenshtein.normalized_distance(*pair) for index, pair in pairs.items()}
        found = sum(texts[turn][index][1] is turn.back for index in with_text)
        print(f"turned by {int(turn):3}: {found} of {len(with_text)} found, distance {fmean(distances.values()):.4f}")
        for index, distance in distances.items():
            if distance > FAR_DISTANCE:
                print(f"    {names[index]}: {distance:.2f}, turned by {int(texts[turn][index][1])}")


async def _write_pages(data: Path, folder: Path, count: int) -> list[str]:
    """Write so many pages, one of each document, in four ways each, and return their names."""
    sources = SourceReader(policy=AccessPolicy(allowed_folders=None, allow_urls=False))
    names: list[str] = []
    async for name, source, number in open_pages(sources, data):
        if number > 1 or len(names) == count:
            continue
        try:
            pictures = {turn: await source.render(number, RAPIDOCR.raster, turn=turn) for turn in Turn}
        except OcrError:
            continue
        for turn, picture in pictures.items():
            (folder / f"{len(names)}-{int(turn)}.jpg").write_bytes(picture.data)
        names.append(name)
    await sources.aclose()
    return names


async def _read(turn: Turn, folder: Path, count: int) -> list[tuple[str, Turn]]:
    """Return the text that is read of each page, and the turn that was made for it."""
    before = _children_seconds()
    async with Reader(Settings(engine="embedded", embedded_workers=1, render_workers=1, cache_mb=0)) as reader:
        read = [await reader.read_page(str(folder / f"{n}-{int(turn)}.jpg"), 1, ReadOptions()) for n in range(count)]
    print(f"displayed turned by {int(turn):3}: {(_children_seconds() - before) / count:.2f} CPU-s a page")
    return [(page_to_text(each.page), each.page.turn) for each in read]


def _children_seconds() -> float:
    used = os.times()
    return used.children_user + used.children_system


def measure_cost(pages: int) -> None:
    """Print the processor time a page, without inference, of upright scans, with and without a look at them."""
    with tempfile.TemporaryDirectory() as folder:
        document = make_scans(Path(folder) / "scans.pdf", pages=pages)
        for rotate in ("0", "auto", "0", "auto"):
            with tempfile.TemporaryDirectory() as cache, Model(seconds=0.0, slots=4) as model:
                ended = run([*READ, document], environment(model.url, Path(cache), parallel=4, rotate=rotate))
            first = ended.first_output_seconds or 0.0
            print(
                f"rotate {rotate:>4}: {ended.cpu_seconds / pages * 1000:.1f} ms a page, first page after {first:.2f} s"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--level", action="store_true", help="count pages that are level without a look")
    parser.add_argument("--read", type=int, default=0, help="read so many pages in four ways")
    parser.add_argument("--cost", type=int, default=0, help="have so many scans read by the test Ollama")
    options = parser.parse_args()
    if options.cost:
        measure_cost(options.cost)
        return
    if options.level:
        asyncio.run(see_levelness(options.data))
        return
    asyncio.run(read_some(options.data, options.read) if options.read else look_at_all(options.data))


if __name__ == "__main__":
    main()
