"""Lines with pixel boxes, as the embedded engine finds them, made into paragraphs, headings, lists and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import sqrt
from statistics import fmean
from typing import TypedDict

from ocr_mcp.model.blocks import Block, BlockLabel, BlockLine
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.grids import Grid, html_source
from ocr_mcp.parsing.labels import PAGE_NUMBER
from ocr_mcp.parsing.light_markdown import LIST_MARKER
from ocr_mcp.parsing.page_lines import Line, body_height
from ocr_mcp.parsing.page_parts import page_parts
from ocr_mcp.parsing.paragraphs import Paragraph, body_pace
from ocr_mcp.parsing.parsed import ParsedAnswer
from ocr_mcp.parsing.recognized_lines import read_recognized

TITLE_RATIO = 1.7
HEADING_RATIO = 1.3
"""Sizes of headings, in those of the body: the geometric mean of line height and character width. Detected boxes vary
by a fifth on text of one size, and a superscript makes a line higher but not wider, so neither alone will do."""

LEAST_RATIO = 1.1
"""What height and width must each be."""

MAX_HEADING_CHARACTERS = 160
MARGIN = 0.12
"""How far from the edge a page number may stand, in page heights."""


def parse_recognized(text: str, image: PageView) -> ParsedAnswer:
    """Blocks in reading order, boxes in page units, confidence the mean of the lines'."""
    page, issues = read_recognized(text)
    lines = page.lines
    height = body_height(lines)
    upright = [line for line in lines if not _is_sideways(line)]
    sideways = [line for line in lines if _is_sideways(line)]
    if len(sideways) > len(upright):
        upright, sideways = _right_to_left(sideways), upright
        parts: list[Paragraph | Grid] = [Paragraph((line,), line.text) for line in upright]
    else:
        parts = list(page_parts(upright, page.rules, height))
    place = _Place(image, _Type(height, body_pace(lines), _largest(parts)))
    blocks = tuple(place.block(part) for part in parts)
    aside = tuple(Block(label=BlockLabel.TEXT, text=line.text, **place.measured((line,))) for line in sideways)
    return ParsedAnswer((*_with_page_number(blocks, image), *aside), issues)


def _is_sideways(line: Line) -> bool:
    return len(line.text) > 2 and line.box.height > 2 * line.box.width


def _right_to_left(lines: Sequence[Line]) -> list[Line]:
    """Columns of vertical script."""
    return sorted(lines, key=lambda line: (-line.box.right, line.box.top))


class _Measured(TypedDict):
    boxes: tuple[BoundingBox, ...]
    confidence: float | None
    lines: tuple[BlockLine, ...]


@dataclass(frozen=True)
class _Type:
    """The body's line height and character width, and the largest line height, in pixels."""

    height: float
    pace: float
    largest: float


class _Place:
    """What a block's label and box are judged against."""

    def __init__(self, image: PageView, body: _Type) -> None:
        self.image, self.body = image, body

    def block(self, part: Paragraph | Grid) -> Block:
        """A part as a block on the page."""
        measured = self.measured(part.lines)
        if isinstance(part, Grid):
            return Block(label=BlockLabel.TABLE, text=html_source(part.table), table=part.table, **measured)
        label, level = self._label(part)
        return Block(label=label, text=part.text, level=level, **measured)

    def measured(self, lines: Sequence[Line]) -> _Measured:
        """The place of lines on the page, together and each, and their mean confidence."""
        together = self._placed(reduce(BoundingBox.union, (line.box for line in lines)))
        return {
            "boxes": (together,) if together.area > 0 else (),
            "confidence": _confidence(lines),
            "lines": tuple(BlockLine(text=line.text, box=self._placed(line.box)) for line in lines),
        }

    def _label(self, part: Paragraph) -> tuple[BlockLabel, int | None]:
        if LIST_MARKER.match(part.text):
            return BlockLabel.LIST_ITEM, None
        higher, wider = part.height / self.body.height, part.pace / self.body.pace
        ratio = sqrt(higher * wider) if min(higher, wider) >= LEAST_RATIO else 1.0
        if ratio < HEADING_RATIO or len(part.text) > MAX_HEADING_CHARACTERS or not _has_words(part.text):
            return BlockLabel.TEXT, None
        if ratio >= TITLE_RATIO and part.height >= 0.95 * self.body.largest:
            return BlockLabel.TITLE, 1
        return BlockLabel.SECTION_HEADER, 2

    def _placed(self, box: BoundingBox) -> BoundingBox:
        """A box of the picture on the page."""
        region = self.image.region
        x, y = region.width / self.image.width_px, region.height / self.image.height_px
        return BoundingBox(
            left=region.left + box.left * x,
            top=region.top + box.top * y,
            right=region.left + box.right * x,
            bottom=region.top + box.bottom * y,
        ).clamped(self.image.page_size)


def _largest(parts: Sequence[Paragraph | Grid]) -> float:
    return max((part.height for part in parts if isinstance(part, Paragraph) and _has_words(part.text)), default=0.0)


def _has_words(text: str) -> bool:
    return sum(character.isalpha() for character in text) >= max(3, len(text) / 2)


def _confidence(lines: Sequence[Line]) -> float | None:
    measured = [line.confidence for line in lines if line.confidence is not None]
    return min(max(fmean(measured), 0.0), 1.0) if measured else None


def _with_page_number(blocks: tuple[Block, ...], image: PageView) -> tuple[Block, ...]:
    """The lowest or highest block of the page as its footer or header, if it is a page number and stands alone."""
    boxed = [block for block in blocks if block.boxes]
    if len(boxed) < 2 or image.region.height < 0.99 * image.page_size.height:
        return blocks
    last = max(boxed, key=lambda block: block.boxes[0].bottom)
    first = min(boxed, key=lambda block: block.boxes[0].top)
    height = image.page_size.height
    renamed = {
        id(last): BlockLabel.PAGE_FOOTER if last.boxes[0].top > (1 - MARGIN) * height else None,
        id(first): BlockLabel.PAGE_HEADER if first.boxes[0].bottom < MARGIN * height else None,
    }
    return tuple(_renamed(block, renamed.get(id(block))) for block in blocks)


def _renamed(block: Block, label: BlockLabel | None) -> Block:
    if label is None or block.table is not None or not PAGE_NUMBER.fullmatch(block.text):
        return block
    return block.model_copy(update={"label": label, "level": None})
