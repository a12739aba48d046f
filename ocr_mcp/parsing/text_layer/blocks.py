"""Make blocks of the text that a PDF page carries, in the order in which the PDF draws it.

Sorting the text by place would spoil its order. Font sizes are in points.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.text_layers import TextLayer, TextLine
from ocr_mcp.parsing.layout.grids import render_table
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.page_margins import PageMargins, split_margins
from ocr_mcp.parsing.layout.paragraphs import Paragraph, build_drawn_paragraphs
from ocr_mcp.parsing.parsed import joined_lines
from ocr_mcp.parsing.text_layer.runs import (
    TableRun,
    TextLines,
    group_drawn_rows,
    join_drawn_markers,
    render_code,
    split_table_runs,
)
from ocr_mcp.parsing.vlm.labels import PAGE_NUMBER
from ocr_mcp.parsing.vlm.light_markdown import LIST_MARKER

MIN_TITLE_FONT_RATIO = 1.6
"""Font size of a title as a multiple of the body's."""
MIN_HEADING_FONT_RATIO = 1.15
"""Font size of a heading as a multiple of the body's."""
MAX_HEADING_CHARACTERS = 200
MAX_HEADING_LEVEL = 4
"""Deepest level of a heading that is told by its type alone: finer steps of size than these are chance."""


@dataclass(frozen=True)
class _BodyFont:
    """The font that most letters of a page are set in.

    `size` is in points, rounded to half ones; `sizes` are the larger sizes on the page, from the largest down.
    """

    size: float
    bold: bool
    monospaced: bool
    sizes: tuple[float, ...]


def parse_text_layer(layer: TextLayer, size: Size | None = None) -> tuple[Block, ...]:
    """Return the blocks in the order in which the PDF draws them, with its pictures in the places where they stand.

    With the `size` of the page, rows in its margins become headers, which come first, and footers, which come last;
    with None they stay text.
    """
    lines = join_drawn_markers([line for line in layer.lines if line.text.strip()])
    body = _measure_body_font(lines)
    margins = _find_margins(lines, size, body)
    blocks = [block for part in split_table_runs(margins.body) for block in _build_blocks(part, body)]
    headers = (_build_margin_block(row, BlockLabel.PAGE_HEADER) for row in margins.headers)
    footers = (_build_margin_block(row, BlockLabel.PAGE_FOOTER) for row in margins.footers)
    return (*headers, *_insert_pictures(blocks, layer.picture_boxes), *footers)


def _find_margins(lines: Sequence[TextLine], size: Size | None, body: _BodyFont) -> PageMargins[TextLine]:
    """Split the lines into headers, body and footers; without a size all are body."""
    if size is None:
        return PageMargins((), tuple(lines), ())
    return split_margins(lines, size, body.size, lambda line: line.font_size)


def _build_margin_block(row: Sequence[TextLine], label: BlockLabel) -> Block:
    """Return a row in a margin of the page as a block."""
    text = " ".join(" ".join(line.text.split()) for line in row)
    return Block(label=label, text=text, boxes=_enclose(row))


def _measure_body_font(lines: Sequence[TextLine]) -> _BodyFont:
    """Measure the font of the body, each line counted once per letter; lines that run up or down do not count."""
    sizes, bold, monospaced = Counter[float](), Counter[bool](), Counter[bool]()
    for line in (line for line in lines if not _is_sideways(line)):
        letters = sum(map(str.isalpha, line.text))
        sizes[_round_font_size(line.font_size)] += letters
        bold[line.bold] += letters
        monospaced[line.monospaced] += letters
    size = sizes.most_common(1)[0][0] if sizes else 1.0
    # One or two letters in a large size are initials or symbols, not headings.
    larger = [found for found, letters in sizes.items() if found >= size * MIN_HEADING_FONT_RATIO and letters > 2]
    return _BodyFont(size, bold[True] > bold[False], monospaced[True] > monospaced[False], tuple(sorted(larger)[::-1]))


def _is_sideways(line: TextLine) -> bool:
    """Tell whether a line of 3 characters or more is over twice as high as wide, so that it runs up or down."""
    return len(line.text) > 2 and line.box.height > 2 * line.box.width


def _round_font_size(size: float) -> float:
    """Return a font size rounded to half points, so that sizes that differ by rounding are one."""
    return round(size * 2) / 2


def _build_blocks(part: TableRun | TextLines, body: _BodyFont) -> Iterator[Block]:
    """Yield the blocks of a table, or of the lines between tables."""
    if isinstance(part, TableRun):
        table = part.grid.table
        yield Block(label=BlockLabel.TABLE, text=render_table(table), table=table, boxes=_enclose(part.lines))
        return
    for is_code, group in groupby(_split_drawn_blocks(part), key=lambda drawn: _is_code(drawn, body)):
        drawn = list(group)
        lines = tuple(line for block in drawn for line in block)
        if is_code and len(lines) > 1:
            yield Block(label=BlockLabel.CODE, text=render_code(lines), boxes=_enclose(lines))
        else:
            yield from (block for lines in drawn for block in _build_text_blocks(lines, body))


def _split_drawn_blocks(lines: TextLines) -> Iterator[TextLines]:
    """Yield the lines of each block that the PDF draws as one."""
    return (tuple(group) for _, group in groupby(lines, key=lambda line: line.block_index))


def _is_code(lines: TextLines, body: _BodyFont) -> bool:
    """Tell whether a drawn block is all in typewriter on a page that is not; single such words are no code."""
    return not body.monospaced and all(line.monospaced for line in lines)


def _build_text_blocks(lines: TextLines, body: _BodyFont) -> Iterator[Block]:
    """Yield the headings and paragraphs of one drawn block."""
    for size, group in groupby(
        group_drawn_rows(lines), key=lambda row: min(_measure_heading_size(line, body) for line in row)
    ):
        alike = tuple(line for row in group for line in row)
        found = _build_heading(alike, body) if size else None
        if found is not None:
            yield found
            continue
        height = sum(line.box.height for line in alike) / len(alike)
        for paragraph in build_drawn_paragraphs(
            [PageLine(line.text.strip(), line.box) for line in alike], max(height, 1.0)
        ):
            yield _build_paragraph(paragraph)


def _measure_heading_size(line: TextLine, body: _BodyFont) -> float:
    """Return the font size of a line that may be a heading, because it is larger or bolder than the body; else 0."""
    if _is_sideways(line):
        return 0.0
    is_larger = line.font_size >= body.size * MIN_HEADING_FONT_RATIO
    return _round_font_size(line.font_size) if is_larger or (line.bold and not body.bold) else 0.0


def _build_heading(lines: TextLines, body: _BodyFont) -> Block | None:
    """Return lines of one size as a heading; None where their text cannot be one."""
    text = joined_lines(line.text for line in lines)
    label = _choose_heading_label(text, _round_font_size(lines[0].font_size), body)
    if label is None:
        return None
    return Block(label=label[0], level=label[1], text=text, boxes=_enclose(lines))


def _choose_heading_label(text: str, size: float, body: _BodyFont) -> tuple[BlockLabel, int] | None:
    """Return the label and the level of a heading; None for a text that cannot be one.

    The largest size is the title's if it is much larger than the body. Bold type of the body's size ranks under all
    larger sizes, and must not read as a sentence or a list item.
    """
    is_larger = size >= body.size * MIN_HEADING_FONT_RATIO
    if len(text) > MAX_HEADING_CHARACTERS or sum(map(str.isalpha, text)) < 3 or PAGE_NUMBER.fullmatch(text):
        return None
    if not is_larger and (text.endswith((".", ",", ";")) or LIST_MARKER.match(text)):
        return None
    has_title = bool(body.sizes) and body.sizes[0] >= body.size * MIN_TITLE_FONT_RATIO
    if has_title and size >= body.sizes[0]:
        return BlockLabel.TITLE, 1
    rank = sum(found > size for found in body.sizes) - has_title
    return BlockLabel.SECTION_HEADER, min(MAX_HEADING_LEVEL, 2 + rank)


def _build_paragraph(paragraph: Paragraph) -> Block:
    """Return a paragraph as a list item or as text."""
    label = BlockLabel.LIST_ITEM if LIST_MARKER.match(paragraph.text) else BlockLabel.TEXT
    return Block(label=label, text=paragraph.text, boxes=_enclose(paragraph.lines))


def _enclose(lines: Sequence[TextLine | PageLine]) -> tuple[BoundingBox, ...]:
    """Return the box around lines as a tuple of one, or an empty one where it has no area."""
    box = reduce(BoundingBox.union, (line.box for line in lines))
    return (box,) if box.area > 0 else ()


def _insert_pictures(blocks: list[Block], boxes: tuple[BoundingBox, ...]) -> list[Block]:
    """Return the blocks with each picture before the first block that begins below its top in the same columns.

    Without such a block it goes before the first one below its top, else to the end.
    """
    result = list(blocks)
    for box in sorted(boxes, key=lambda box: (box.top, box.left)):
        picture = Block(label=BlockLabel.PICTURE, text="", boxes=(box,))
        below = [index for index, block in enumerate(result) if block.boxes and block.boxes[0].top >= box.top]
        beside = [index for index in below if _shares_columns(result[index].boxes[0], box)]
        result.insert((beside or below or [len(result)])[0], picture)
    return result


def _shares_columns(a: BoundingBox, b: BoundingBox) -> bool:
    """Tell whether two boxes overlap sideways."""
    return min(a.right, b.right) - max(a.left, b.left) > 0
