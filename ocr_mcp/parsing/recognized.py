"""Lines with pixel boxes, as the embedded engine finds them, made into paragraphs, headings, lists and tables."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import reduce
from statistics import fmean
from typing import cast

from pydantic import BaseModel, ValidationError

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, ordered_box
from ocr_mcp.model.images import PageImage
from ocr_mcp.parsing.grids import Grid, grid_parts, html_source
from ocr_mcp.parsing.light_markdown import LIST_MARKER
from ocr_mcp.parsing.paragraphs import Paragraph, paragraphs
from ocr_mcp.parsing.parsed import Issues, ParsedAnswer, excerpt, issue
from ocr_mcp.parsing.reading_order import Flow, Line, body_height, flows

TITLE_RATIO = 1.6
HEADING_RATIO = 1.25
"""Line heights of headings, in those of the body. Detectors' boxes vary by a fifth on text of one size."""

MAX_HEADING_CHARACTERS = 160
MARGIN = 0.12
"""How far from the edge a page number may stand, in page heights."""

_PAGE_NUMBER = re.compile(
    r"\W{0,3}(?:(?:page|seite|p\.?)\s*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W{0,3}", re.IGNORECASE
)


class _WrittenLine(BaseModel):
    text: str
    box: tuple[float, float, float, float]
    confidence: float | None = None


def parse_recognized(text: str, image: PageImage) -> ParsedAnswer:
    """Blocks in reading order, boxes in page units, confidence the mean of the lines'."""
    lines, issues = _read_lines(text)
    height = body_height(lines)
    upright = [line for line in lines if not _is_sideways(line)]
    sideways = [line for line in lines if _is_sideways(line)]
    if len(sideways) > len(upright):
        upright, sideways = _right_to_left(sideways), upright
        parts: list[Paragraph | Grid] = [Paragraph((line,), line.text) for line in upright]
    else:
        parts = [part for flow in flows(upright) for part in _parts(flow, height)]
    parts += [Paragraph((line,), line.text) for line in sideways]
    largest = max((part.height for part in parts if isinstance(part, Paragraph)), default=0.0)
    place = _Place(image, height, largest)
    blocks = tuple(place.block(part) for part in parts)
    return ParsedAnswer(_with_page_number(blocks, image), issues)


def _read_lines(text: str) -> tuple[list[Line], Issues]:
    """The lines of the JSON. One that cannot be read is reported, with what it says."""
    try:
        written = cast("dict[str, list[object]]", json.loads(text))["lines"]
    except (ValueError, KeyError, TypeError):
        return [], (issue(IssueCode.UNREAD_MARKUP, f"The engine's lines cannot be read: {excerpt(text)}"),)
    lines: list[Line] = []
    issues: list[str] = []
    for item in written:
        try:
            line = _WrittenLine.model_validate(item)
        except ValidationError:
            issues.append(f"One of the engine's lines cannot be read: {excerpt(str(item))}")
            continue
        if line.text.strip():
            lines.append(Line(line.text.strip(), ordered_box(*line.box), line.confidence))
    return lines, tuple(issue(IssueCode.BAD_BOX, message) for message in issues)


def _parts(flow: Flow, height: float) -> Iterator[Paragraph | Grid]:
    """What a flow holds. Cells that make no grid are put on one line a row."""
    if not flow.gutters:
        yield from paragraphs(flow.lines, height)
        return
    for part in grid_parts(flow):
        if isinstance(part, Grid):
            yield part
        else:
            yield from paragraphs(part, height)


def _is_sideways(line: Line) -> bool:
    return len(line.text) > 2 and line.box.height > 2 * line.box.width


def _right_to_left(lines: Sequence[Line]) -> list[Line]:
    """Columns of vertical script."""
    return sorted(lines, key=lambda line: (-line.box.right, line.box.top))


class _Place:
    """What a block's label and box are judged against."""

    def __init__(self, image: PageImage, height: float, largest: float) -> None:
        self.image, self.height, self.largest = image, height, largest

    def block(self, part: Paragraph | Grid) -> Block:
        """A part as a block on the page."""
        common = {"boxes": self._boxes(part.lines), "confidence": _confidence(part.lines)}
        if isinstance(part, Grid):
            table = Block(label=BlockLabel.TABLE, text=html_source(part.table), table=part.table)
            return table.model_copy(update=common)
        label, level = self._label(part)
        return Block(label=label, text=part.text, level=level).model_copy(update=common)

    def _label(self, part: Paragraph) -> tuple[BlockLabel, int | None]:
        ratio = part.height / self.height
        text = part.text
        if ratio >= HEADING_RATIO and len(text) <= MAX_HEADING_CHARACTERS and _has_words(text):
            if ratio >= TITLE_RATIO and part.height >= 0.95 * self.largest:
                return BlockLabel.TITLE, 1
            return BlockLabel.SECTION_HEADER, 2
        return (BlockLabel.LIST_ITEM if LIST_MARKER.match(text) else BlockLabel.TEXT), None

    def _boxes(self, lines: Sequence[Line]) -> tuple[BoundingBox, ...]:
        box = reduce(BoundingBox.union, (line.box for line in lines))
        region = self.image.region
        x, y = region.width / self.image.width_px, region.height / self.image.height_px
        placed = BoundingBox(
            left=region.left + box.left * x,
            top=region.top + box.top * y,
            right=region.left + box.right * x,
            bottom=region.top + box.bottom * y,
        ).clamped(self.image.page_size)
        return (placed,) if placed.area > 0 else ()


def _has_words(text: str) -> bool:
    return sum(character.isalpha() for character in text) >= max(2, len(text) / 3)


def _confidence(lines: Sequence[Line]) -> float | None:
    measured = [line.confidence for line in lines if line.confidence is not None]
    return min(max(fmean(measured), 0.0), 1.0) if measured else None


def _with_page_number(blocks: tuple[Block, ...], image: PageImage) -> tuple[Block, ...]:
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
    if label is None or block.table is not None or not _PAGE_NUMBER.fullmatch(block.text):
        return block
    return block.model_copy(update={"label": label, "level": None})
