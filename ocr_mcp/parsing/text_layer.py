"""The text that a PDF carries, as blocks. The order is the PDF's own: sorting it by place spoils it (`quality.md`)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.text_layers import TextLayer, TextLine
from ocr_mcp.parsing.light_markdown import LIST_MARKER
from ocr_mcp.parsing.parsed import joined_lines

TITLE_RATIO = 1.6
HEADING_RATIO = 1.15
MAX_HEADING_CHARACTERS = 200

_BARE_MARKER = re.compile(r"\s*[•◦▪‣·●○■□–-]\s*")
Lines = tuple[TextLine, ...]


@dataclass(frozen=True)
class _Body:
    """What most of the page is set in, and the larger sizes on it from the largest down."""

    size: float
    bold: bool
    sizes: tuple[float, ...]


def parse_text_layer(layer: TextLayer) -> tuple[Block, ...]:
    """Blocks in the order the PDF draws them, pictures put in where they stand."""
    lines = [line for line in layer.lines if line.text.strip()]
    body = _body(lines)
    blocks = [block for group in _groups(lines, body) for block in [_block(group, body)]]
    return tuple(_with_pictures(blocks, layer.picture_boxes))


def _body(lines: list[TextLine]) -> _Body:
    sizes = Counter[float]()
    bold = Counter[bool]()
    for line in lines:
        sizes[round(line.font_size * 2) / 2] += len(line.text)
        bold[line.bold] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 1.0
    larger = sorted((found for found in sizes if found >= size * HEADING_RATIO), reverse=True)
    return _Body(size, bold[True] > bold[False], tuple(larger))


def _groups(lines: list[TextLine], body: _Body) -> Iterator[Lines]:
    """Lines that make one block: drawn as one, of one kind, up to the next list marker."""
    for _, drawn in groupby(lines, key=lambda line: line.block_index):
        for _, alike in groupby(drawn, key=lambda line: (line.monospaced, _is_heading_line(line, body))):
            yield from _paragraphs(tuple(alike))


def _paragraphs(lines: Lines) -> Iterator[Lines]:
    if lines[0].monospaced:
        yield lines
        return
    start = 0
    for index in range(1, len(lines)):
        if _begins_item(lines[index]) or _begins_paragraph(lines, start, index):
            yield lines[start:index]
            start = index
    yield lines[start:]


def _begins_item(line: TextLine) -> bool:
    return LIST_MARKER.match(line.text) is not None or _BARE_MARKER.fullmatch(line.text) is not None


def _begins_paragraph(lines: Lines, start: int, index: int) -> bool:
    """A gap of more than a line's height, where the lines go down the page."""
    gap = lines[index].box.top - lines[index - 1].box.bottom
    return gap > max(lines[index].box.height, lines[index - 1].box.height) and index > start


def _is_heading_line(line: TextLine, body: _Body) -> bool:
    return line.font_size >= body.size * HEADING_RATIO or (line.bold and not body.bold)


def _block(lines: Lines, body: _Body) -> Block:
    label, level = _label(lines, body)
    texts = [line.text for line in lines]
    text = "\n".join(texts) if label is BlockLabel.CODE else joined_lines(texts)
    box = reduce(BoundingBox.union, (line.box for line in lines))
    return Block(label=label, text=text, level=level, boxes=(box,) if box.area > 0 else ())


def _label(lines: Lines, body: _Body) -> tuple[BlockLabel, int | None]:
    if lines[0].monospaced:
        return BlockLabel.CODE, None
    if _begins_item(lines[0]) and not _is_larger(lines, body):
        return BlockLabel.LIST_ITEM, None
    return _heading(lines, body) or (BlockLabel.TEXT, None)


def _is_larger(lines: Lines, body: _Body) -> bool:
    return min(line.font_size for line in lines) >= body.size * HEADING_RATIO


def _heading(lines: Lines, body: _Body) -> tuple[BlockLabel, int] | None:
    """Larger than the body, or bold on lines of its own. The largest that is much larger is the title."""
    text = " ".join(line.text for line in lines)
    if len(text) > MAX_HEADING_CHARACTERS or not any(character.isalpha() for character in text):
        return None
    size = max(line.font_size for line in lines)
    if size >= body.size * TITLE_RATIO and body.sizes and size >= body.sizes[0] - 0.5:
        return BlockLabel.TITLE, 1
    if _is_larger(lines, body):
        rank = sum(found > size + 0.25 for found in body.sizes)
        return BlockLabel.SECTION_HEADER, min(6, 2 + rank)
    if all(line.bold for line in lines) and not body.bold and not text.rstrip().endswith((".", ",", ";")):
        return BlockLabel.SECTION_HEADER, min(6, 2 + len(body.sizes))
    return None


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
