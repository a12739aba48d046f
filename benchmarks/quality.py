"""How well pages are read, on the real pages of `../shared/data`, beside other programs in the same run.

    python -m benchmarks.quality ../shared/data [--only scanned --only tables] [--json FILE] [--save FOLDER]

`make eval` runs it. Every kind of page is a run of its own, so that each has its own CPU-seconds.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.samples import shared_pages as pages
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.own import OwnSystem
from ocr_mcp.evaluation.peers import make_peer
from ocr_mcp.evaluation.report import summary_table, tests_table, worst_list
from ocr_mcp.evaluation.runs import run_system
from ocr_mcp.evaluation.saved import save_outputs, write_json
from ocr_mcp.evaluation.summaries import Judged, Summary, judge, summaries
from ocr_mcp.evaluation.systems import Output, System
from ocr_mcp.pipeline import ReadOptions, TextLayerPolicy
from ocr_mcp.settings import Settings

OCR_PEERS = ("rapidocr", "tesseract")
SETTINGS = Settings(engine="embedded", cache_mb=0)


@dataclass(frozen=True, slots=True)
class Group:
    """Pages of one kind, who reads them, and whether the own text of PDFs may be used."""

    cases: Callable[[Path, Path], Sequence[Case]]
    peers: tuple[str, ...]
    text_layer: TextLayerPolicy = TextLayerPolicy.NEVER
    note: str = field(default="")


GROUPS = {
    "scanned": Group(lambda data, _: pages.scans(data), OCR_PEERS),
    "rotated": Group(pages.turned, OCR_PEERS),
    "printed": Group(lambda data, _: pages.printed(data), OCR_PEERS),
    "tables": Group(lambda data, _: list(pages.tables(data)), OCR_PEERS),
    "olmOCR": Group(pages.olmocr, ("pymupdf4llm",), TextLayerPolicy.AUTO),
    "book": Group(lambda data, _: pages.book(data), ("pymupdf4llm",), TextLayerPolicy.AUTO),
}


async def measure(group: Group, cases: Sequence[Case]) -> list[Judged]:
    """Let every system read the cases, one system after the other."""
    own = OwnSystem("ocr-mcp, embedded", SETTINGS, ReadOptions(text_layer=group.text_layer))
    systems: list[System] = [own, *(make_peer(name, SETTINGS) for name in group.peers)]
    return [judge(await run_system(system, cases, _say), cases) for system in systems]


def _say(case: Case, output: Output) -> None:
    end = output.failure or f"{output.seconds:.1f} s"
    print(f"  {case.kind}: {case.name}: {end}", file=sys.stderr, flush=True)


def of_group(name: str, judged: Sequence[Judged]) -> list[Summary]:
    """One line a system, under the group's name."""
    return [each.model_copy(update={"kind": name}) for each in summaries(judged) if each.kind == "all"]


def main() -> None:
    """Print one table for all groups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", action="append", choices=list(GROUPS), help="several times for several")
    parser.add_argument("--worst", type=int, default=0, help="list so many of the worst pages of each kind")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--save", type=Path, help="write every text there")
    options = parser.parse_args()
    lines: list[Summary] = []
    everything: list[Judged] = []
    with tempfile.TemporaryDirectory() as made:
        for name in options.only or GROUPS:
            cases = GROUPS[name].cases(options.data, Path(made))
            judged = asyncio.run(measure(GROUPS[name], cases))
            everything += judged
            lines += of_group(name, judged)
            _show(name, judged, options.worst)
            if options.save is not None:
                save_outputs(options.save / name, cases, judged)
    print(summary_table(lines))
    print(tests_table([each.model_copy(update={"kind": "all"}) for each in lines]))
    if options.json is not None:
        write_json(options.json, lines, everything)


def _show(name: str, judged: Sequence[Judged], worst: int) -> None:
    for each in judged:
        if each.run.problem is not None:
            print(f"{name}: {each.run.system} is left out: {each.run.problem}")
        elif worst:
            print(worst_list(each, worst), end="\n\n")


if __name__ == "__main__":
    main()
