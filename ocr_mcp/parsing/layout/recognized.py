"""Make blocks of the lines that the embedded engine recognizes: paragraphs, headings, list items and tables."""

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
"""Smallest ratio of width to height, or of height to width, of a page. Thinner pictures are receipts or strips, which
have no margins."""


def parse_recognized(text: str, image: PageView) -> ParsedAnswer:
    """Return the blocks of an answer in reading order, and the issues of lines that could not be read.

    Boxes are in page units; the confidence of a block is the mean of those of its lines.
    """
    page, issues = decode_recognized(text)
    parsed = parse_recognized_page(page, image)
    return ParsedAnswer(parsed.blocks, (*issues, *parsed.issues))


def parse_recognized_page(page: RecognizedPage, image: PageView) -> ParsedAnswer:
    """Return the blocks that the lines of a page form, with an issue where lines are in a script that is not read.

    Of `image` only its size and the region of the page that it shows are used. Where most lines run up or down, the
    page is vertical script: each line is a paragraph, from right to left. Lines of the rarer direction follow the body
    as texts, and unread lines come last, as blocks without text.
    """
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
    """Return the size in pixels of a picture of a whole page; None for a part of a page, and for a receipt or strip."""
    # Boxes are rounded, so 1 % may be missing.
    is_whole = image.region.height >= 0.99 * image.page_size.height
    is_page = MIN_PAGE_ASPECT_RATIO <= image.width_px / image.height_px <= 1 / MIN_PAGE_ASPECT_RATIO
    return Size(width=image.width_px, height=image.height_px) if is_whole and is_page else None


def _is_sideways(line: PageLine) -> bool:
    """Tell whether a line of 3 characters or more is over twice as high as wide, so that it runs up or down."""
    return len(line.text) > 2 and line.box.height > 2 * line.box.width


def _order_right_to_left(lines: Sequence[PageLine]) -> list[PageLine]:
    """Return the columns of vertical script in the order in which they are read."""
    return sorted(lines, key=lambda line: (-line.box.right, line.box.top))


class _PlacedLines(TypedDict):
    """The fields of a block that come from its lines; boxes are in page units."""

    boxes: tuple[BoundingBox, ...]
    confidence: float | None
    lines: tuple[BlockLine, ...]


class _BlockBuilder:
    """Makes blocks of the parts of one picture: `image` places them on the page, `body` tells headings."""

    def __init__(self, image: PageView, body: BodyType) -> None:
        self.image, self.body = image, body

    def build_block(self, part: Paragraph | Grid, following: Paragraph | Grid | None) -> Block:
        """Return a part as a block on the page. `following` is the part that is read after it."""
        place_lines = self.place_lines(part.lines)
        if isinstance(part, Grid):
            return Block(label=BlockLabel.TABLE, text=render_table(part.table), table=part.table, **place_lines)
        label, level = label_paragraph(part, following, self.body)
        return Block(label=label, text=part.text, level=level, **place_lines)

    def build_margin_block(self, row: Sequence[PageLine], label: BlockLabel) -> Block:
        """Return a row in a margin of the page as a block."""
        return Block(label=label, text=" ".join(line.text for line in row), **self.place_lines(row))

    def place_lines(self, lines: Sequence[PageLine]) -> _PlacedLines:
        """Return the places of lines on the page, together and each, and their mean confidence."""
        together = self._place_box(reduce(BoundingBox.union, (line.box for line in lines)))
        return {
            "boxes": (together,) if together.area > 0 else (),
            "confidence": _average_confidence(lines),
            "lines": tuple(BlockLine(text=line.text, box=self._place_box(line.box)) for line in lines),
        }

    def _place_box(self, box: BoundingBox) -> BoundingBox:
        """Convert a box from pixels of the picture to page units, and cut it at the edges of the page."""
        region = self.image.region
        x, y = region.width / self.image.width_px, region.height / self.image.height_px
        return BoundingBox(
            left=region.left + box.left * x,
            top=region.top + box.top * y,
            right=region.left + box.right * x,
            bottom=region.top + box.bottom * y,
        ).clamped(self.image.page_size)


def _average_confidence(lines: Sequence[PageLine]) -> float | None:
    """Return the mean confidence (0 to 1) of the lines that have one; None where none has."""
    place_lines = [line.confidence for line in lines if line.confidence is not None]
    return min(max(fmean(place_lines), 0.0), 1.0) if place_lines else None
