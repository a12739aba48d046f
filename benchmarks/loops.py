"""Measure the loop guard: simulated loops that it misses, real pages that it touches, microseconds a character.

    python -m benchmarks.loops --data ../shared/data --confirm

It prints the figures of docs/loops.md for two seeds of the loops, and for both halves of the documents, of which one is
held out. With `--confirm`, pages that only look like a loop are read with the embedded engine, as the pipeline does.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio

from benchmarks.samples.loop_pages import RealPage, find_real_pages
from ocr_mcp.engines.base import PredictionRequest
from ocr_mcp.engines.embedded.engine import EmbeddedEngine
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.families.rapidocr import RAPIDOCR
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.predictions import ResponseFormat, StopReason, Task
from ocr_mcp.parsing.loops.guard import Loop, LoopGuard
from ocr_mcp.pipeline.answers import Attempt, Doubt, say_the_same
from ocr_mcp.sources.documents import SourceReader
from tests.parsing.simulated_loops import chunks, simulated_loops


@dataclass(frozen=True)
class Watched:
    """The loop that the guard found in an answer.

    `noticed` counts the characters until it was first suspected, 0 if it never was; `written` counts all of them.
    """

    loop: Loop | None
    noticed: int
    written: int


def watch(pieces: Iterable[str]) -> Watched:
    guard, written, noticed = LoopGuard(DEEPSEEK_OCR.loop), 0, 0
    for piece in pieces:
        written += len(piece)
        stop = guard(piece)
        noticed = noticed or (written if guard.loop is not None else 0)
        if stop is StopReason.LOOP:
            break
    return Watched(guard.loop, noticed, written)


def measure_simulated(count: int, seed: int, pages: Sequence[RealPage]) -> None:
    rng = random.Random(seed)
    found: dict[str, list[tuple[int, Watched]]] = defaultdict(list)
    for loop in simulated_loops(count, seed=seed, pages=[page.text for page in pages]):
        found[loop.kind].append((loop.begins, watch(chunks(loop.text, rng))))
    print(f"\n{f'simulated, seed {seed}':20}", end="")
    print(f"{'loops':>7}{'missed':>8}{'proven':>8}{'suspected':>11}{'delay':>7}{'longest':>9}{'closed':>8}")
    for kind, results in found.items():
        seen = [(begins, result) for begins, result in results if result.loop is not None]
        closed = sorted(result.written - begins for begins, result in seen if result.loop and result.loop.is_proven)
        proven = len(closed)
        delays = sorted(result.noticed - begins for begins, result in seen)
        figures = f"{len(results) - len(seen):8}{proven:8}{len(seen) - proven:11}{delays[len(delays) // 2]:7}"
        print(f"{kind:20}{len(results):7}{figures}{delays[-1]:9}{closed[proven // 2] if proven else '-':>8}")


def measure_real(pages: Sequence[RealPage]) -> list[RealPage]:
    """Print the real pages that are cut or asked for again, and return those that only look like a loop."""
    started = time.process_time()
    found = [(page, watch(chunks(page.text, random.Random(1)))) for page in pages]
    seconds = time.process_time() - started
    characters = sum(len(page.text) for page in pages)
    print(f"real pages {len(pages)}, {characters} characters, {seconds / characters * 1e6:.2f} µs each")
    for half, is_held_out in (("seen", False), ("held out", True)):
        _print_touched(half, [(page, result) for page, result in found if page.is_held_out is is_held_out])
    return [page for page, result in found if result.loop is not None and not result.loop.is_proven]


def _print_touched(half: str, found: Sequence[tuple[RealPage, Watched]]) -> None:
    """Print what real pages suffer: a proven loop cuts an answer, a suspected one is asked for again."""
    cut = [page for page, result in found if result.loop is not None and result.loop.is_proven]
    again = [page for page, result in found if result.loop is not None and not result.loop.is_proven]
    print(f"{half}: {len(found)} pages of {len({page.document for page, _ in found})} documents")
    for what, pages in (("cut", cut), ("asked again", again)):
        documents = sorted({page.document for page in pages})
        print(f"  {what}: {len(pages)} pages ({len(pages) / len(found):.2%}) of {len(documents)} documents", *documents)


async def confirm(pages: Sequence[RealPage]) -> None:
    """Read the pages that look like a loop with the embedded engine, where there is a picture."""
    engine = EmbeddedEngine(workers=1)
    sources = SourceReader(policy=AccessPolicy(allowed_folders=None, allow_urls=False))
    seen = [page for page in pages if page.picture is not None]
    results = [await _is_confirmed(page, engine, sources) for page in seen]
    print(f"\nconfirmed {sum(results)} of {len(seen)}; {len(pages) - len(seen)} more have no picture here")
    print(
        *(f"  not confirmed: {page.name}" for page, is_same in zip(seen, results, strict=True) if not is_same), sep="\n"
    )
    await engine.aclose()
    await sources.aclose()


async def _is_confirmed(page: RealPage, engine: EmbeddedEngine, sources: SourceReader) -> bool:
    async with sources.open(str(page.picture)) as source:
        image = await source.render(page.number, RAPIDOCR.raster)
    read = await engine.predict(PredictionRequest(image=image, task=Task.MARKDOWN))
    model = read.model_copy(update={"text": page.text, "format": ResponseFormat.MARKDOWN})
    return say_the_same(Attempt(image.view(), model, Doubt.REPETITIVE), Attempt(image.view(), read, None))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of shared samples")
    parser.add_argument("--loops", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 1001], help="the first was used to choose limits")
    parser.add_argument("--confirm", action="store_true")
    options = parser.parse_args()
    pages = find_real_pages(options.data)
    suspected = measure_real(pages)
    good = [page for page in pages if page not in suspected]
    for seed in options.seeds:
        measure_simulated(options.loops, seed, good)
    if options.confirm:
        anyio.run(confirm, suspected)


if __name__ == "__main__":
    main()
