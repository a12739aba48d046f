"""Judge how well pages are read, beside other programs in the same run.

    python -m benchmarks.quality            # pages that are drawn, and those of ../shared/data where it is
    python -m benchmarks.quality FOLDER     # the same with real pages from another place
    python -m benchmarks.quality --only drawn --json figures.json --save texts --worst 5

`make eval` runs it. Every group of pages is a run of its own, so that each has its own CPU-seconds.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.samples import shared_pages
from benchmarks.samples.drawn_pages import draw_pages, write_pages
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.folders import load_folder
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
DRAWN = "drawn"
DATA = Path("../shared/data")


def _drawn(_: Path, made: Path) -> Sequence[Case]:
    write_pages(made / DRAWN, draw_pages())
    return load_folder(made / DRAWN)


@dataclass(frozen=True, slots=True)
class Group:
    """Pages of one kind, the programs that read them too, and whether the own text of PDFs may be used.

    `cases` takes the folder of real pages, and a folder for the pages that are made.
    """

    cases: Callable[[Path, Path], Sequence[Case]]
    peers: tuple[str, ...]
    text_layer: TextLayerPolicy = TextLayerPolicy.NEVER


GROUPS = {
    DRAWN: Group(_drawn, OCR_PEERS),
    "scanned": Group(lambda data, _: shared_pages.load_scans(data), OCR_PEERS),
    "rotated": Group(shared_pages.turn_scans, OCR_PEERS),
    "printed": Group(lambda data, _: shared_pages.load_printed(data), OCR_PEERS),
    "tables": Group(lambda data, _: list(shared_pages.load_tables(data)), OCR_PEERS),
    "olmOCR": Group(shared_pages.load_olmocr, ("pymupdf4llm",), TextLayerPolicy.AUTO),
    "book": Group(lambda data, _: shared_pages.load_book(data), ("pymupdf4llm",), TextLayerPolicy.AUTO),
}


async def measure(group: Group, cases: Sequence[Case]) -> list[Judged]:
    """Let every system read the cases, one system after the other."""
    own = OwnSystem("ocr-mcp, embedded", SETTINGS, ReadOptions(text_layer=group.text_layer))
    systems: list[System] = [own, *(make_peer(name, SETTINGS) for name in group.peers)]
    return [judge(await run_system(system, cases, _report), cases) for system in systems]


def _report(case: Case, output: Output) -> None:
    end = output.failure or f"{output.seconds:.1f} s"
    print(f"  {case.kind}: {case.name}: {end}", file=sys.stderr, flush=True)


def summarize_group(name: str, judged: Sequence[Judged]) -> list[Summary]:
    """Return one line for each system, under the group's name."""
    return [each.model_copy(update={"kind": name}) for each in summaries(judged) if each.kind == "all"]


def list_notes(name: str, judged: Sequence[Judged], worst: int) -> list[str]:
    """Return why programs were left out of a group, and the pages that were read worst."""
    left_out = [f"{name}: {each.run.system} is left out: {each.run.problem}" for each in judged if each.run.problem]
    return left_out + [f"{worst_list(each, worst)}\n" for each in judged if worst and not each.run.problem]


def choose_groups(only: Sequence[str], data: Path) -> list[str]:
    """Return the groups that can be measured, and print which cannot because there is no folder of real pages."""
    asked = list(only or GROUPS)
    left_out = [] if data.is_dir() else [name for name in asked if name != DRAWN]
    if left_out:
        print(f"Left out, because '{data}' is not a folder: {', '.join(left_out)}.")
    return [name for name in asked if name not in left_out]


def main() -> None:
    """Print one table for all groups."""
    options = _parser().parse_args()
    lines: list[Summary] = []
    everything: list[Judged] = []
    names = choose_groups(options.only or (), options.data)
    with tempfile.TemporaryDirectory() as made:
        for name in names:
            cases = GROUPS[name].cases(options.data, Path(made))
            judged = asyncio.run(measure(GROUPS[name], cases))
            everything += judged
            lines += summarize_group(name, judged)
            for note in list_notes(name, judged, options.worst):
                print(note)
            if options.save is not None:
                save_outputs(options.save / name, cases, judged)
    if not lines:
        sys.exit("No group of pages could be measured.")
    print(summary_table(lines))
    print(tests_table([each.model_copy(update={"kind": "all"}) for each in lines]))
    if options.json is not None:
        write_json(options.json, lines, everything)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=DATA, help=f"the folder of real pages, {DATA}")
    parser.add_argument("--only", action="append", choices=list(GROUPS), help="several times for several")
    parser.add_argument("--worst", type=int, default=0, help="list so many of the worst pages of each group")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--save", type=Path, help="write every text to this folder")
    return parser


if __name__ == "__main__":
    main()
