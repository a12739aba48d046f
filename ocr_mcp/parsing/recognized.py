"""Lines with pixel boxes, as the embedded engine finds them, made into paragraphs, headings, lists and tables."""

from collections.abc import Sequence
from functools import reduce
from itertools import zip_longest
from statistics import fmean
from typing import TypedDict

from ocr_mcp.model.blocks import Block, BlockLabel, BlockLine
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.grids import Grid, html_source
from ocr_mcp.parsing.labels import PAGE_NUMBER
from ocr_mcp.parsing.page_lines import Line, body_height
from ocr_mcp.parsing.page_parts import page_parts
from ocr_mcp.parsing.paragraphs import Paragraph
from ocr_mcp.parsing.parsed import ParsedAnswer
from ocr_mcp.parsing.recognized_lines import read_recognized
from ocr_mcp.parsing.text_labels import PageType, body_weight, label_of, page_type

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
        parts = list(page_parts(upright, page.rules, height, body_weight(lines)))
    place = _Place(image, page_type(lines, parts))
    blocks = tuple(
        place.block(part, following) for part, following in zip_longest(parts, parts[1:]) if part is not None
    )
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


class _Place:
    """What a block's label and box are judged against."""

    def __init__(self, image: PageView, body: PageType) -> None:
        self.image, self.body = image, body

    def block(self, part: Paragraph | Grid, following: Paragraph | Grid | None) -> Block:
        """A part as a block on the page. `following` is what is read after it."""
        measured = self.measured(part.lines)
        if isinstance(part, Grid):
            return Block(label=BlockLabel.TABLE, text=html_source(part.table), table=part.table, **measured)
        label, level = label_of(part, following, self.body)
        return Block(label=label, text=part.text, level=level, **measured)

    def measured(self, lines: Sequence[Line]) -> _Measured:
        """The place of lines on the page, together and each, and their mean confidence."""
        together = self._placed(reduce(BoundingBox.union, (line.box for line in lines)))
        return {
            "boxes": (together,) if together.area > 0 else (),
            "confidence": _confidence(lines),
            "lines": tuple(BlockLine(text=line.text, box=self._placed(line.box)) for line in lines),
        }

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
