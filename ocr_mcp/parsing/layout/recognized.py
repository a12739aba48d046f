"""Lines with pixel boxes, as the embedded engine finds them, made into paragraphs, headings, lists and tables."""

from collections.abc import Sequence
from functools import reduce
from itertools import zip_longest
from statistics import fmean
from typing import TypedDict

from ocr_mcp.model.blocks import Block, BlockLabel, BlockLine
from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.layout.grids import Grid, render_table
from ocr_mcp.parsing.layout.page_lines import PageLine, measure_body_height
from ocr_mcp.parsing.layout.page_parts import PageParts, find_page_parts
from ocr_mcp.parsing.layout.paragraphs import Paragraph
from ocr_mcp.parsing.layout.recognized_lines import RecognizedPage, decode_recognized
from ocr_mcp.parsing.layout.text_labels import BodyType, label_paragraph, measure_body_type, measure_body_weight
from ocr_mcp.parsing.layout.unread_script import split_unread_lines, unread_issues
from ocr_mcp.parsing.parsed import ParsedAnswer

MIN_PAGE_ASPECT_RATIO = 0.5
"""Of a page's height, its width, and the reverse: what is thinner is a receipt or a strip, which has no margins."""


def parse_recognized(text: str, image: PageView) -> ParsedAnswer:
    """Blocks in reading order, boxes in page units, confidence the mean of the lines'."""
    page, issues = decode_recognized(text)
    parsed = parse_recognized_page(page, image)
    return ParsedAnswer(parsed.blocks, (*issues, *parsed.issues))


def parse_recognized_page(page: RecognizedPage, image: PageView) -> ParsedAnswer:
    """The blocks that lines make. Only the size of the picture and what it shows of the page are looked at."""
    lines, unread = split_unread_lines(page.lines)
    upright = [line for line in lines if not _is_sideways(line)]
    sideways = [line for line in lines if _is_sideways(line)]
    if len(sideways) > len(upright):
        upright, sideways = _order_right_to_left(sideways), upright
        parts = PageParts((), tuple(Paragraph((line,), line.text) for line in upright), ())
    else:
        parts = find_page_parts(
            upright, page.rules, measure_body_height(lines), measure_body_weight(lines), _measure_whole_page(image)
        )
    builder = _BlockBuilder(image, measure_body_type(lines, parts.body))
    body = (builder.build_block(part, following) for part, following in zip_longest(parts.body, parts.body[1:]) if part)
    headers = (builder.build_margin_block(row, BlockLabel.PAGE_HEADER) for row in parts.headers)
    footers = (builder.build_margin_block(row, BlockLabel.PAGE_FOOTER) for row in parts.footers)
    aside = (Block(label=BlockLabel.TEXT, text=line.text, **builder.place_lines((line,))) for line in sideways)
    blank = (Block(label=BlockLabel.TEXT, text="", boxes=builder.place_lines((line,))["boxes"]) for line in unread)
    blocks = (*headers, *body, *footers, *aside, *blank)
    return ParsedAnswer(blocks, unread_issues(lines, unread))


def _measure_whole_page(image: PageView) -> Size | None:
    """The pixels of a whole page; None for a part of one, and for what is no page by its shape."""
    is_whole = image.region.height >= 0.99 * image.page_size.height
    is_page = MIN_PAGE_ASPECT_RATIO <= image.width_px / image.height_px <= 1 / MIN_PAGE_ASPECT_RATIO
    return Size(width=image.width_px, height=image.height_px) if is_whole and is_page else None


def _is_sideways(line: PageLine) -> bool:
    return len(line.text) > 2 and line.box.height > 2 * line.box.width


def _order_right_to_left(lines: Sequence[PageLine]) -> list[PageLine]:
    """Columns of vertical script."""
    return sorted(lines, key=lambda line: (-line.box.right, line.box.top))


class _PlacedLines(TypedDict):
    boxes: tuple[BoundingBox, ...]
    confidence: float | None
    lines: tuple[BlockLine, ...]


class _BlockBuilder:
    """What a block's label and box are judged against."""

    def __init__(self, image: PageView, body: BodyType) -> None:
        self.image, self.body = image, body

    def build_block(self, part: Paragraph | Grid, following: Paragraph | Grid | None) -> Block:
        """A part as a block on the page. `following` is what is read after it."""
        place_lines = self.place_lines(part.lines)
        if isinstance(part, Grid):
            return Block(label=BlockLabel.TABLE, text=render_table(part.table), table=part.table, **place_lines)
        label, level = label_paragraph(part, following, self.body)
        return Block(label=label, text=part.text, level=level, **place_lines)

    def build_margin_block(self, row: Sequence[PageLine], label: BlockLabel) -> Block:
        """A row in the margin of the page."""
        return Block(label=label, text=" ".join(line.text for line in row), **self.place_lines(row))

    def place_lines(self, lines: Sequence[PageLine]) -> _PlacedLines:
        """The place of lines on the page, together and each, and their mean confidence."""
        together = self._place_box(reduce(BoundingBox.union, (line.box for line in lines)))
        return {
            "boxes": (together,) if together.area > 0 else (),
            "confidence": _average_confidence(lines),
            "lines": tuple(BlockLine(text=line.text, box=self._place_box(line.box)) for line in lines),
        }

    def _place_box(self, box: BoundingBox) -> BoundingBox:
        """A box of the picture on the page."""
        region = self.image.region
        x, y = region.width / self.image.width_px, region.height / self.image.height_px
        return BoundingBox(
            left=region.left + box.left * x,
            top=region.top + box.top * y,
            right=region.left + box.right * x,
            bottom=region.top + box.bottom * y,
        ).clamped(self.image.page_size)


def _average_confidence(lines: Sequence[PageLine]) -> float | None:
    place_lines = [line.confidence for line in lines if line.confidence is not None]
    return min(max(fmean(place_lines), 0.0), 1.0) if place_lines else None
