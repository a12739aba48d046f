"""Find the lines in the margins of a page: running heads, page numbers, imprints."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.parsing.vlm.labels import PAGE_NUMBER

MARGIN_HEIGHT_RATIO = 0.09
"""Height of each margin, above and below, as a part of the page's height."""

NUMBERED_MARGIN_HEIGHT_RATIO = 0.16
"""Height of a margin whose outermost row has a page number at one of its ends: scientific papers have wide margins."""

MAX_MARGIN_ROWS = 3
"""Rows that a header or a footer may have."""
MIN_BODY_LINES = 5
"""Lines outside the margins that a page with a body has at least; a title page has fewer, and no margins."""

MIN_MARGIN_GAP_RATIO = 1.2
"""Smallest white between a margin and the body, in type sizes of the margin: text that is nearer belongs to the
body."""

MAX_MARGIN_TYPE_RATIO = 1.25
"""Type larger than the body's by this factor is a heading, not a running head."""


class PlacedText(Protocol):
    """A line of text with its box on the page."""

    @property
    def text(self) -> str:
        """The text of the line."""
        ...

    @property
    def box(self) -> BoundingBox:
        """The box of the line, in pixels or page units."""
        ...


Placed = TypeVar("Placed", bound=PlacedText)


@dataclass(frozen=True)
class PageMargins(Generic[Placed]):
    """The rows above and below the body, each from left to right, and the lines of the body in their given order."""

    headers: tuple[tuple[Placed, ...], ...]
    body: tuple[Placed, ...]
    footers: tuple[tuple[Placed, ...], ...]


def split_margins(
    lines: Sequence[Placed], size: Size, body_size: float, type_size: Callable[[Placed], float]
) -> PageMargins[Placed]:
    """Split the lines of a page into headers, body and footers.

    All lengths are in one unit, pixels or page units: the boxes, `size`, the type size of the body `body_size`, and
    that of a line, which `type_size` returns.
    """
    above, below = _find_margin_lines(lines, size)
    outside = {id(line) for line in (*above, *below)}
    inside = [line for line in lines if id(line) not in outside]
    if len(inside) < MIN_BODY_LINES:
        return PageMargins((), tuple(lines), ())
    max_type_size = MAX_MARGIN_TYPE_RATIO * body_size
    headers = _select_margin_rows(_group_rows(above), min(line.box.top for line in inside), type_size, max_type_size)
    footers = _select_margin_rows(
        _group_rows(below)[::-1], max(line.box.bottom for line in inside), type_size, max_type_size
    )[::-1]
    taken = {id(line) for row in (*headers, *footers) for line in row}
    body = tuple(line for line in lines if id(line) not in taken)
    return PageMargins(tuple(map(tuple, headers)), body, tuple(map(tuple, footers)))


def _find_margin_lines(lines: Sequence[Placed], size: Size) -> tuple[list[Placed], list[Placed]]:
    """Return the lines in the upper and in the lower margin.

    Where a margin is empty, the outermost row with a page number counts as one if it lies in the wider numbered margin.
    """
    top, bottom = MARGIN_HEIGHT_RATIO * size.height, (1 - MARGIN_HEIGHT_RATIO) * size.height
    above = [line for line in lines if line.box.bottom <= top]
    below = [line for line in lines if line.box.top >= bottom]
    rows = _group_rows(lines)
    if (
        rows
        and not above
        and _has_page_number(rows[0])
        and _row_bottom(rows[0]) <= NUMBERED_MARGIN_HEIGHT_RATIO * size.height
    ):
        above = rows[0]
    if (
        rows
        and not below
        and _has_page_number(rows[-1])
        and _row_top(rows[-1]) >= (1 - NUMBERED_MARGIN_HEIGHT_RATIO) * size.height
    ):
        below = rows[-1]
    return above, below


def _has_page_number(row: Sequence[PlacedText]) -> bool:
    """Tell whether a page number stands at either end of a row, alone or beside a running head."""
    return any(PAGE_NUMBER.fullmatch(line.text.strip()) for line in (row[0], row[-1]))


def _row_top(row: Sequence[PlacedText]) -> float:
    """Return the top edge of a row."""
    return min(line.box.top for line in row)


def _row_bottom(row: Sequence[PlacedText]) -> float:
    """Return the bottom edge of a row."""
    return max(line.box.bottom for line in row)


def _group_rows(lines: Sequence[Placed]) -> list[list[Placed]]:
    """Group lines side by side: rows from top to bottom, each from left to right."""
    rows: list[list[Placed]] = []
    for line in sorted(lines, key=lambda line: line.box.top + line.box.bottom):
        middle = (line.box.top + line.box.bottom) / 2
        if rows and middle < max(other.box.bottom for other in rows[-1]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.left) for row in rows]


def _select_margin_rows(
    rows: list[list[Placed]], body_edge: float, type_size: Callable[[Placed], float], max_type_size: float
) -> list[list[Placed]]:
    """Return the rows from the page's edge inwards up to the last that a wide gap parts from the next.

    None are returned where no gap is wide, where that makes more than 3 rows, or where a row in large type is a
    heading. `rows` go inwards from the edge, `body_edge` is where the body begins.
    """
    gaps = [_measure_gap(row, rows[index + 1 :], body_edge) for index, row in enumerate(rows)]
    wide = [index for index, gap in enumerate(gaps) if gap >= MIN_MARGIN_GAP_RATIO * max(map(type_size, rows[index]))]
    if not wide or wide[-1] + 1 > MAX_MARGIN_ROWS:
        return []
    apart = rows[: wide[-1] + 1]
    # A page number alone may be in any size, so only other rows can be headings.
    named = [row for row in apart if len(row) > 1 or not _has_page_number(row)]
    return [] if any(type_size(line) > max_type_size for row in named for line in row) else apart


def _measure_gap(row: Sequence[PlacedText], inner: Sequence[Sequence[PlacedText]], body_edge: float) -> float:
    """Return the distance from a row to the nearest edge of the rows further inwards or of the body."""
    top, bottom = _row_top(row), _row_bottom(row)
    edges = [edge for other in inner for line in other for edge in (line.box.top, line.box.bottom)]
    return min(min(abs(edge - top), abs(edge - bottom)) for edge in (*edges, body_edge))
