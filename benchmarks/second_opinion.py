"""Measure the second opinion: how many errors of a text it lists, and what it lists of a right text.

    python -m benchmarks.second_opinion --data ../shared/data --pages 32

The text layers of PDFs that can be trusted stand for a model's answers. They are spoiled at set rates, and compared
with the text that the embedded engine reads on the pages.
"""

import argparse
import hashlib
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import anyio
from rapidfuzz import fuzz

from ocr_mcp.app import Reader
from ocr_mcp.emitters.markdown import FIGURES
from ocr_mcp.errors import OcrError
from ocr_mcp.model.blocks import Block, BlockLabel, BlockLine
from ocr_mcp.model.documents import Page, PageOrigin
from ocr_mcp.model.predictions import EngineIdentity
from ocr_mcp.model.second_opinions import Difference, DifferenceKind, SecondOpinion
from ocr_mcp.parsing.comparison.folding import fold
from ocr_mcp.pipeline import ReadOptions, TextLayerPolicy
from ocr_mcp.pipeline.verifying import compare_page, find_reason_not_to_compare
from ocr_mcp.settings import Settings

PAGES_OF_A_DOCUMENT = 3
MIN_LETTERS = 300
"""Letters and digits of a page that is taken."""

CHANGED_SHARE = 0.05
"""Part of the numbers in which a digit is changed."""

MIN_PARAGRAPH_LETTERS = 80
INVENTED_SENTENCES = (
    "The committee approved the revised schedule without further discussion.",
    "Payment of 4,870.50 is due within thirty days of delivery.",
    "All measurements were repeated twice under identical conditions.",
)
MIN_SHARED_PERCENT = 85
"""Part that a listed passage must share with the spoiled one: the embedded engine misreads a letter now and then."""

NOBODY = EngineIdentity(engine="embedded", model="")
UNTOUCHED = FIGURES | {BlockLabel.FORMULA, BlockLabel.CODE}
_NUMBER = re.compile(r"\d[\d.,]*\d")


@dataclass(frozen=True)
class Sample:
    """A page with its true text, and the lines that the embedded engine found on it."""

    name: str
    page: Page
    lines: tuple[BlockLine, ...]

    @property
    def is_held_out(self) -> bool:
        """True for the half of the documents that no limit was chosen by."""
        return hashlib.sha256(self.name.rsplit(" ", maxsplit=1)[0].encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Spoiled:
    """A page with a wrong text: the changed numbers, the paragraph that was left out, the sentence that was put in."""

    page: Page
    numbers: tuple[str, ...]
    omitted: str | None
    invented: str


def spoil(page: Page, rng: random.Random) -> Spoiled:
    """Change one digit in some numbers, leave one paragraph out, add one sentence to another."""
    changed: list[str] = []

    def other_digit(match: re.Match[str]) -> str:
        if rng.random() >= CHANGED_SHARE:
            return match[0]
        at = rng.choice([at for at, character in enumerate(match[0]) if character.isdigit()])
        digit = rng.choice([each for each in "0123456789" if each != match[0][at]])
        changed.append(match[0][:at] + digit + match[0][at + 1 :])
        return changed[-1]

    blocks = list(page.blocks)
    paragraphs = [at for at, block in enumerate(blocks) if _is_paragraph(block)]
    omitted = blocks.pop(rng.choice(paragraphs)).text if len(paragraphs) > 1 else None
    texts = [at for at, block in enumerate(blocks) if block.table is None and block.label is BlockLabel.TEXT]
    invented, place = rng.choice(INVENTED_SENTENCES), rng.choice(texts or range(len(blocks)))
    blocks = [_rewrite(block, lambda text: _NUMBER.sub(other_digit, text)) for block in blocks]
    blocks[place] = _rewrite(blocks[place], lambda text: f"{text} {invented}")
    return Spoiled(page.model_copy(update={"blocks": tuple(blocks)}), tuple(changed), omitted, invented)


def _is_paragraph(block: Block) -> bool:
    return block.label is BlockLabel.TEXT and len(fold(block.text).text) >= MIN_PARAGRAPH_LETTERS


def _rewrite(block: Block, write: Callable[[str], str]) -> Block:
    if block.label in UNTOUCHED:
        return block
    if block.table is None:
        return block.model_copy(update={"text": write(block.text)})
    cells = tuple(cell.model_copy(update={"text": write(cell.text)}) for cell in block.table.cells)
    return block.model_copy(update={"table": block.table.model_copy(update={"cells": cells})})


def remove_boxes(page: Page) -> Page:
    """Return the page without boxes, as a prompt without grounding is answered."""
    blocks = tuple(block.model_copy(update={"boxes": ()}) for block in page.blocks)
    return page.model_copy(update={"blocks": blocks})


async def find_samples(paths: Sequence[Path], reader: Reader, most: int) -> list[Sample]:
    """Return up to `most` pages whose own text was found to be what they show, a few of each document."""
    found: list[Sample] = []
    for path in paths:
        for number in range(1, PAGES_OF_A_DOCUMENT + 1):
            if len(found) >= most:
                return found
            try:
                sample = await _make_sample(path, number, reader)
            except OcrError:
                break
            if sample is not None:
                found.append(sample)
    return found


async def _make_sample(path: Path, number: int, reader: Reader) -> Sample | None:
    page = (await reader.read_page(str(path), number, ReadOptions(), engine="embedded")).page
    letters = sum(len(fold(block.text).text) for block in page.blocks)
    if page.origin is not PageOrigin.TEXT_LAYER or letters < MIN_LETTERS or find_reason_not_to_compare(page):
        return None
    options = ReadOptions(text_layer=TextLayerPolicy.NEVER)
    seen = (await reader.read_page(str(path), number, options, engine="embedded")).page
    lines = tuple(line for block in seen.blocks for line in block.lines)
    return Sample(f"{path.name} {number}", page, lines)


def is_listed(spoiled: str, kind: DifferenceKind, differences: Sequence[Difference]) -> bool:
    """Return True if at least half of the spoiled text is in differences of that kind; a number counts as a whole."""
    said = fold(spoiled).text
    if kind is DifferenceKind.NUMBER:
        return any(said in fold(each.read).text for each in differences if each.kind in (kind, DifferenceKind.INVENTED))
    texts = [fold(each.read or each.seen).text for each in differences if each.kind is kind]
    found = [text for text in texts if fuzz.partial_ratio(text, said) >= MIN_SHARED_PERCENT]
    return 2 * sum(map(len, found)) >= len(said)


@dataclass
class Tally:
    """Counts over all compared pages."""

    pages: int = 0
    words: int = 0
    numbers: int = 0
    agreements: list[float] = field(default_factory=list[float])
    spoiled_agreements: list[float] = field(default_factory=list[float])
    alarms: Counter[DifferenceKind] = field(default_factory=Counter[DifferenceKind])
    made: Counter[DifferenceKind] = field(default_factory=Counter[DifferenceKind])
    listed: Counter[DifferenceKind] = field(default_factory=Counter[DifferenceKind])
    seconds: float = 0.0

    def add(self, sample: Sample, page: Page, rng: random.Random, *, show: bool) -> None:
        """Compare a page as it is, then spoiled."""
        text = " ".join(block.text for block in page.blocks)
        self.pages += 1
        self.words += len(text.split())
        self.numbers += len(_NUMBER.findall(text))
        started = time.process_time()
        true = compare_page(page, sample.lines, NOBODY)
        self.seconds += time.process_time() - started
        self.agreements.append(true.agreement or 0.0)
        self.alarms.update(difference.kind for difference in true.differences)
        if show:
            _show(sample.name, true)
        self._add_spoiled(spoil(page, rng), sample, show=show)

    def _add_spoiled(self, spoiled: Spoiled, sample: Sample, *, show: bool) -> None:
        opinion = compare_page(spoiled.page, sample.lines, NOBODY)
        self.spoiled_agreements.append(opinion.agreement or 0.0)
        made = [(DifferenceKind.NUMBER, number) for number in spoiled.numbers]
        made += [(DifferenceKind.INVENTED, spoiled.invented)]
        made += [(DifferenceKind.OMITTED, spoiled.omitted)] if spoiled.omitted else []
        for kind, text in made:
            self.made[kind] += 1
            found = is_listed(text, kind, opinion.differences)
            self.listed[kind] += found
            if show and not found:
                print(f"  MISSED {kind.value}: {text[:100]!r}")

    def print(self, name: str) -> None:
        """Print the figures."""
        print(f"{name}: {self.pages} pages, {self.words} words, {self.numbers} numbers of two digits and more")
        print(f"  agreement, median: true {median(self.agreements):.3f}, spoiled {median(self.spoiled_agreements):.3f}")
        for kind in DifferenceKind:
            made = f"{self.listed[kind]} of {self.made[kind]} listed" if self.made[kind] else "none made"
            alarms = f"{self.alarms[kind]} ({self.alarms[kind] / self.pages:.2f} a page)"
            print(f"  {kind.value:9} {made:22} on true text {alarms}")
        print(f"  comparing takes {self.seconds / self.pages * 1000:.0f} ms a page")


def _show(name: str, opinion: SecondOpinion) -> None:
    print(f"{name}: {opinion.agreement:.3f}")
    for each in opinion.differences[:12]:
        print(f"    {each.kind.value}: {each.read[:90]!r} / {each.seen[:90]!r}")


async def measure(paths: Sequence[Path], *, pages: int, seed: int, show: bool) -> None:
    """Print the figures for both halves of the documents, with boxes and without."""
    async with Reader(Settings(engine="embedded", allowed_folders=None)) as reader:
        found = await find_samples(paths, reader, pages)
    for is_held_out in (False, True):
        for boxes in (True, False):
            tally, rng = Tally(), random.Random(seed)
            for sample in found:
                if sample.is_held_out is is_held_out:
                    page = sample.page if boxes else remove_boxes(sample.page)
                    tally.add(sample, page, rng, show=show and boxes and not is_held_out)
            half = "held out" if is_held_out else "seen"
            tally.print(f"{half}, {'with' if boxes else 'without'} boxes")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of shared samples")
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="list what differs on the seen half, and what was missed")
    options = parser.parse_args()
    paths = sorted(options.data.rglob("*.pdf"), key=lambda path: hashlib.sha256(path.name.encode()).digest())
    anyio.run(lambda: measure(paths, pages=options.pages, seed=options.seed, show=options.show))


if __name__ == "__main__":
    main()
