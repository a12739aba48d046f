"""The text that a PDF carries, as blocks. The order is the PDF's own: sorting it by place spoils it (`quality.md`)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.text_layers import TextLayer, TextLine
from ocr_mcp.parsing.layout.grids import html_source
from ocr_mcp.parsing.layout.page_lines import Line
from ocr_mcp.parsing.layout.page_margins import PageMargins, without_margins
from ocr_mcp.parsing.layout.paragraphs import Paragraph, paragraphs_as_drawn
from ocr_mcp.parsing.parsed import joined_lines
from ocr_mcp.parsing.text_layer.runs import Lines, TableRun, code_text, tables_and_text, text_rows, with_markers
from ocr_mcp.parsing.vlm.labels import PAGE_NUMBER
from ocr_mcp.parsing.vlm.light_markdown import LIST_MARKER

TITLE_RATIO = 1.6
HEADING_RATIO = 1.15
MAX_HEADING_CHARACTERS = 200
DEEPEST_LEVEL = 4
"""Of headings told by their type alone: finer steps than these are chance."""


@dataclass(frozen=True)
class _Body:
    """What most of the page is set in, and the larger sizes on it from the largest down."""

    size: float
    bold: bool
    monospaced: bool
    sizes: tuple[float, ...]


def parse_text_layer(layer: TextLayer, size: Size | None = None) -> tuple[Block, ...]:
    """Blocks in the order the PDF draws them, pictures put in where they stand.

    With the page's `size`, what stands in its margins becomes headers, which come first, and footers, which come last.
    """
    lines = with_markers([line for line in layer.lines if line.text.strip()])
    body = _body(lines)
    margins = _margins(lines, size, body)
    blocks = [block for part in tables_and_text(margins.body) for block in _part(part, body)]
    headers = (_marginal(row, BlockLabel.PAGE_HEADER) for row in margins.headers)
    footers = (_marginal(row, BlockLabel.PAGE_FOOTER) for row in margins.footers)
    return (*headers, *_with_pictures(blocks, layer.picture_boxes), *footers)


def _margins(lines: Sequence[TextLine], size: Size | None, body: _Body) -> PageMargins[TextLine]:
    if size is None:
        return PageMargins((), tuple(lines), ())
    return without_margins(lines, size, body.size, lambda line: line.font_size)


def _marginal(row: Sequence[TextLine], label: BlockLabel) -> Block:
    text = " ".join(" ".join(line.text.split()) for line in row)
    return Block(label=label, text=text, boxes=_boxes(row))


def _body(lines: Sequence[TextLine]) -> _Body:
    sizes, bold, monospaced = Counter[float](), Counter[bool](), Counter[bool]()
    for line in (line for line in lines if not _is_sideways(line)):
        letters = sum(map(str.isalpha, line.text))
        sizes[_rounded(line.font_size)] += letters
        bold[line.bold] += letters
        monospaced[line.monospaced] += letters
    size = sizes.most_common(1)[0][0] if sizes else 1.0
    larger = [found for found, letters in sizes.items() if found >= size * HEADING_RATIO and letters > 2]
    return _Body(size, bold[True] > bold[False], monospaced[True] > monospaced[False], tuple(sorted(larger)[::-1]))


def _is_sideways(line: TextLine) -> bool:
    return len(line.text) > 2 and line.box.height > 2 * line.box.width


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _part(part: TableRun | Lines, body: _Body) -> Iterator[Block]:
    if isinstance(part, TableRun):
        table = part.grid.table
        yield Block(label=BlockLabel.TABLE, text=html_source(table), table=table, boxes=_boxes(part.lines))
        return
    for is_code, group in groupby(_drawn_blocks(part), key=lambda drawn: _is_code(drawn, body)):
        drawn = list(group)
        lines = tuple(line for block in drawn for line in block)
        if is_code and len(lines) > 1:
            yield Block(label=BlockLabel.CODE, text=code_text(lines), boxes=_boxes(lines))
        else:
            yield from (block for lines in drawn for block in _text_blocks(lines, body))


def _drawn_blocks(lines: Lines) -> Iterator[Lines]:
    return (tuple(group) for _, group in groupby(lines, key=lambda line: line.block_index))


def _is_code(lines: Lines, body: _Body) -> bool:
    """A block all in typewriter, where the page is not. A few such words in a paragraph are no code."""
    return not body.monospaced and all(line.monospaced for line in lines)


def _text_blocks(lines: Lines, body: _Body) -> Iterator[Block]:
    """The headings and paragraphs of one drawn block."""
    for size, group in groupby(text_rows(lines), key=lambda row: min(_heading_size(line, body) for line in row)):
        alike = tuple(line for row in group for line in row)
        found = _heading(alike, body) if size else None
        if found is not None:
            yield found
            continue
        height = sum(line.box.height for line in alike) / len(alike)
        for paragraph in paragraphs_as_drawn([Line(line.text.strip(), line.box) for line in alike], max(height, 1.0)):
            yield _paragraph(paragraph)


def _heading_size(line: TextLine, body: _Body) -> float:
    """The size of a line that may be a heading, larger than the body or bold in a page that is not; else 0."""
    if _is_sideways(line):
        return 0.0
    is_larger = line.font_size >= body.size * HEADING_RATIO
    return _rounded(line.font_size) if is_larger or (line.bold and not body.bold) else 0.0


def _heading(lines: Lines, body: _Body) -> Block | None:
    text = joined_lines(line.text for line in lines)
    label = _heading_label(text, _rounded(lines[0].font_size), body)
    if label is None:
        return None
    return Block(label=label[0], level=label[1], text=text, boxes=_boxes(lines))


def _heading_label(text: str, size: float, body: _Body) -> tuple[BlockLabel, int] | None:
    """The largest size is the title's, if it is much larger. Bold of the body's size ranks under all larger ones."""
    is_larger = size >= body.size * HEADING_RATIO
    if len(text) > MAX_HEADING_CHARACTERS or sum(map(str.isalpha, text)) < 3 or PAGE_NUMBER.fullmatch(text):
        return None
    if not is_larger and (text.endswith((".", ",", ";")) or LIST_MARKER.match(text)):
        return None
    has_title = bool(body.sizes) and body.sizes[0] >= body.size * TITLE_RATIO
    if has_title and size >= body.sizes[0]:
        return BlockLabel.TITLE, 1
    rank = sum(found > size for found in body.sizes) - has_title
    return BlockLabel.SECTION_HEADER, min(DEEPEST_LEVEL, 2 + rank)


def _paragraph(paragraph: Paragraph) -> Block:
    label = BlockLabel.LIST_ITEM if LIST_MARKER.match(paragraph.text) else BlockLabel.TEXT
    return Block(label=label, text=paragraph.text, boxes=_boxes(paragraph.lines))


def _boxes(lines: Sequence[TextLine | Line]) -> tuple[BoundingBox, ...]:
    box = reduce(BoundingBox.union, (line.box for line in lines))
    return (box,) if box.area > 0 else ()


def _with_pictures(blocks: list[Block], boxes: tuple[BoundingBox, ...]) -> list[Block]:
    """Each picture before the first block below its top in the same columns, else before the first below."""
    result = list(blocks)
    for box in sorted(boxes, key=lambda box: (box.top, box.left)):
        picture = Block(label=BlockLabel.PICTURE, text="", boxes=(box,))
        below = [index for index, block in enumerate(result) if block.boxes and block.boxes[0].top >= box.top]
        beside = [index for index in below if _shares_columns(result[index].boxes[0], box)]
        result.insert((beside or below or [len(result)])[0], picture)
    return result


def _shares_columns(a: BoundingBox, b: BoundingBox) -> bool:
    return min(a.right, b.right) - max(a.left, b.left) > 0
