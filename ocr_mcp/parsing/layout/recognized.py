"""Lines with pixel boxes, as the embedded engine finds them, made into paragraphs, headings, lists and tables."""

from collections.abc import Sequence
from functools import reduce
from itertools import zip_longest
from statistics import fmean
from typing import TypedDict

from ocr_mcp.model.blocks import Block, BlockLabel, BlockLine
from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.layout.grids import Grid, html_source
from ocr_mcp.parsing.layout.page_lines import Line, body_height
from ocr_mcp.parsing.layout.page_parts import PageParts, page_parts
from ocr_mcp.parsing.layout.paragraphs import Paragraph
from ocr_mcp.parsing.layout.recognized_lines import RecognizedPage, read_recognized
from ocr_mcp.parsing.layout.text_labels import PageType, body_weight, label_of, page_type
from ocr_mcp.parsing.layout.unread_script import unread_issues, without_unread
from ocr_mcp.parsing.parsed import ParsedAnswer

THINNEST = 0.5
"""Of a page's height, its width, and the reverse: what is thinner is a receipt or a strip, which has no margins."""


def parse_recognized(text: str, image: PageView) -> ParsedAnswer:
    """Blocks in reading order, boxes in page units, confidence the mean of the lines'."""
    page, issues = read_recognized(text)
    parsed = parse_recognized_page(page, image)
    return ParsedAnswer(parsed.blocks, (*issues, *parsed.issues))


def parse_recognized_page(page: RecognizedPage, image: PageView) -> ParsedAnswer:
    """The blocks that lines make. Only the size of the picture and what it shows of the page are looked at."""
    lines, unread = without_unread(page.lines)
    upright = [line for line in lines if not _is_sideways(line)]
    sideways = [line for line in lines if _is_sideways(line)]
    if len(sideways) > len(upright):
        upright, sideways = _right_to_left(sideways), upright
        parts = PageParts((), tuple(Paragraph((line,), line.text) for line in upright), ())
    else:
        parts = page_parts(upright, page.rules, body_height(lines), body_weight(lines), _page_size(image))
    place = _Place(image, page_type(lines, parts.body))
    body = (place.block(part, following) for part, following in zip_longest(parts.body, parts.body[1:]) if part)
    headers = (place.marginal(row, BlockLabel.PAGE_HEADER) for row in parts.headers)
    footers = (place.marginal(row, BlockLabel.PAGE_FOOTER) for row in parts.footers)
    aside = (Block(label=BlockLabel.TEXT, text=line.text, **place.measured((line,))) for line in sideways)
    blank = (Block(label=BlockLabel.TEXT, text="", boxes=place.measured((line,))["boxes"]) for line in unread)
    blocks = (*headers, *body, *footers, *aside, *blank)
    return ParsedAnswer(blocks, unread_issues(lines, unread))


def _page_size(image: PageView) -> Size | None:
    """The pixels of a whole page; None for a part of one, and for what is no page by its shape."""
    is_whole = image.region.height >= 0.99 * image.page_size.height
    is_page = THINNEST <= image.width_px / image.height_px <= 1 / THINNEST
    return Size(width=image.width_px, height=image.height_px) if is_whole and is_page else None


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

    def marginal(self, row: Sequence[Line], label: BlockLabel) -> Block:
        """A row in the margin of the page."""
        return Block(label=label, text=" ".join(line.text for line in row), **self.measured(row))

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
