"""What stands above and below the text of a page: running heads, page numbers, imprints."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.text_layers import TextLine

MARGIN = 0.09
"""Of the page's height, above and below."""

MAX_ROWS = 3
MIN_BODY_LINES = 5
"""Lines outside the margins that it takes to be a page with a body: a title page has none."""

GAP = 1.2
"""Of a line's height: what stands nearer to the body belongs to it."""

LARGEST = 1.25
"""Type larger than this, of the body's size, is a heading."""

Lines = list[TextLine]


@dataclass(frozen=True)
class PageMargins:
    """The blocks above and below the body, and the body's lines in their order."""

    headers: tuple[Block, ...]
    body: tuple[TextLine, ...]
    footers: tuple[Block, ...]


def without_margins(lines: Sequence[TextLine], size: Size, body_size: float) -> PageMargins:
    """Part the lines of a page whose upright body type has that size."""
    top, bottom = MARGIN * size.height, (1 - MARGIN) * size.height
    above = [line for line in lines if line.box.bottom <= top]
    below = [line for line in lines if line.box.top >= bottom]
    inside = [line for line in lines if line.box.bottom > top and line.box.top < bottom]
    if len(inside) < MIN_BODY_LINES:
        return PageMargins((), tuple(lines), ())
    headers = _set_apart(_rows(above), min(line.box.top for line in inside), body_size)
    footers = _set_apart(_rows(below)[::-1], max(line.box.bottom for line in inside), body_size)[::-1]
    taken = {id(line) for row in (*headers, *footers) for line in row}
    return PageMargins(
        tuple(_block(row, BlockLabel.PAGE_HEADER) for row in headers),
        tuple(line for line in lines if id(line) not in taken),
        tuple(_block(row, BlockLabel.PAGE_FOOTER) for row in footers),
    )


def _rows(lines: Lines) -> list[Lines]:
    """Lines side by side, from top to bottom, each from left to right."""
    rows: list[Lines] = []
    for line in sorted(lines, key=lambda line: line.box.top + line.box.bottom):
        middle = (line.box.top + line.box.bottom) / 2
        if rows and middle < max(other.box.bottom for other in rows[-1]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.left) for row in rows]


def _set_apart(rows: list[Lines], body_edge: float, body_size: float) -> list[Lines]:
    """The rows from the page's edge inwards up to the widest gap; none where they run on into the body."""
    gaps = [_gap(row, rows[index + 1 :], body_edge) for index, row in enumerate(rows)]
    wide = [index for index, gap in enumerate(gaps) if gap >= GAP * max(line.font_size for line in rows[index])]
    if not wide or wide[-1] + 1 > MAX_ROWS:
        return []
    apart = rows[: wide[-1] + 1]
    return [] if any(line.font_size > LARGEST * body_size for row in apart for line in row) else apart


def _gap(row: Lines, inner: list[Lines], body_edge: float) -> float:
    """From a row to what is next to it on the side of the body."""
    top, bottom = min(line.box.top for line in row), max(line.box.bottom for line in row)
    edges = [edge for other in inner for line in other for edge in (line.box.top, line.box.bottom)]
    return min(min(abs(edge - top), abs(edge - bottom)) for edge in (*edges, body_edge))


def _block(row: Lines, label: BlockLabel) -> Block:
    box = reduce(BoundingBox.union, (line.box for line in row))
    text = " ".join(" ".join(line.text.split()) for line in row)
    return Block(label=label, text=text, boxes=(box,) if box.area > 0 else ())
