"""The cells of a table that ruling lines frame.

Upright rules part columns, and so does white space where there are none. Flat rules part rows; between two of them
stands one row where its cells wrap, and several where whole rows follow each other.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.grids import Grid, column_cuts, full_rows
from ocr_mcp.parsing.layout.header_spans import header_count, with_header_spans
from ocr_mcp.parsing.layout.page_lines import Line, Lines, visual_rows
from ocr_mcp.parsing.layout.rules import Frame, separators
from ocr_mcp.parsing.layout.table_rows import (
    Row,
    joined_rows,
    lines_of,
    middle,
    row_of,
    row_pitch,
    table_of,
    together,
    wide_rows,
)

WRAPPED = 0.75
"""Of a column's width: a line that is longer may go on in the next."""

CENTRED = 0.2
"""Of the distance of a band's first row to its last: how far from its middle a cell may stand that spans them all."""

RULED_BANDS = 3
"""Bands that it takes before flat rules are seen as parting rows, not only header, body and foot."""


def ruled_grid(frame: Frame, lines: Lines) -> Grid | None:
    """The table in a frame; None where it has not two rows and two columns."""
    visual = visual_rows(lines)
    cuts = _cuts(frame, visual)
    bands = [[row_of(row, cuts) for row in band] for band in _bands(frame, visual)]
    if not cuts or sum(map(len, bands)) < 2:
        return None
    rows: list[Row] = _header(bands, frame, cuts) if len(bands) > 1 else []
    tall: dict[tuple[int, int], int] = {}
    is_ruled = len(bands) >= RULED_BANDS
    for band in bands[1:] if len(bands) > 1 else bands:
        spanning, rest = _spanning_cells(band, len(cuts) + 1) if is_ruled else ({}, band)
        read = _rows_of_band(rest, _widths(frame, cuts), is_ruled=is_ruled)
        tall |= {(len(rows), column): len(read) for column in spanning}
        rows += [{**spanning, **read[0]}, *read[1:]]
    return Grid(lines_of(rows), table_of(rows, len(cuts) + 1, tall=tall)) if len(rows) > 1 else None


def _header(bands: Sequence[list[Row]], frame: Frame, cuts: Sequence[float]) -> list[Row]:
    """The first band: the header between two rules, or the header and what else comes before the first rule."""
    first, below = bands[0], bands[1][0]
    has_rule_above = any(rule.top < middle(first[0]) for rule in frame.flat)
    count = len(first) if has_rule_above else header_count(first) or len(first)
    return with_header_spans([*first, below], cuts, _partial(frame), count)[:-1]


def _partial(frame: Frame) -> list[BoundingBox]:
    """The flat rules that do not go all across."""
    return [rule for rule in frame.flat if rule.width < 0.8 * frame.box.width]


def _cuts(frame: Frame, visual: Sequence[Lines]) -> list[float]:
    """Where columns part: at upright rules, and between them where most rows leave white."""
    ruled = [x for x in separators(frame.upright, frame.box.top, frame.box.bottom, upright=True) if _is_inner(x, frame)]
    full = full_rows(visual)
    lines = [line for row in full for line in row]
    every = [line for row in visual for line in row]
    white = column_cuts(full, every, least=max(1.0, min(3.0, len(full) / 2)))
    edges = sorted([frame.box.left, *ruled, frame.box.right])
    return sorted([*ruled, *(x for x in white if _is_new(x, edges, lines))])


def _is_new(x: float, edges: Sequence[float], lines: Sequence[Line]) -> bool:
    """Whether white parts two columns that no rule parts: text on both sides, between two rules."""
    left = max((edge for edge in edges if edge <= x), default=x)
    right = min((edge for edge in edges if edge > x), default=x)
    centres = [(line.box.left + line.box.right) / 2 for line in lines]
    return any(left < c < x for c in centres) and any(x < c < right for c in centres)


def _is_inner(x: float, frame: Frame) -> bool:
    margin = 0.01 * frame.box.width + 2
    return frame.box.left + margin < x < frame.box.right - margin


def _bands(frame: Frame, visual: Sequence[Lines]) -> list[list[Lines]]:
    """The rows between each two flat rules that go all across."""
    across = separators(frame.flat, frame.box.left, frame.box.right, upright=False)
    bands: dict[int, list[Lines]] = {}
    for row in visual:
        centre = median(line.middle for line in row)
        bands.setdefault(sum(y < centre for y in across), []).append(row)
    return [bands[index] for index in sorted(bands)]


def _widths(frame: Frame, cuts: Sequence[float]) -> list[float]:
    edges = [frame.box.left, *cuts, frame.box.right]
    return [right - left for left, right in pairwise(edges)]


def _rows_of_band(band: Sequence[Row], widths: Sequence[float], *, is_ruled: bool) -> list[Row]:
    if is_ruled and (len(wide_rows(band)) < 2 or _wraps(band, widths)):
        return [together(band)]
    return joined_rows(band, row_pitch(band))


def _wraps(band: Sequence[Row], widths: Sequence[float]) -> bool:
    """Whether each cell of several lines fills its column with all of them but the last."""
    stacks = {column: _stack(band, column) for column in range(len(widths))}
    several = {column: stack for column, stack in stacks.items() if len(stack) > 1}
    return all(line.box.width >= WRAPPED * widths[column] for column, stack in several.items() for line in stack[:-1])


def _stack(band: Sequence[Row], column: int) -> list[Line]:
    return [line for row in band for line, _ in row.get(column, [])]


def _spanning_cells(band: Sequence[Row], column_count: int) -> tuple[Row, list[Row]]:
    """The lone cells that stand in the middle of a band whose other columns have several rows, and those rows."""
    wide = [row for row in band if len(row) > 1]
    if len(wide) < 2:
        return {}, list(band)
    top, bottom = middle(wide[0]), middle(wide[-1])
    stacks = {column: _stack(band, column) for column in range(column_count)}
    lone = {
        column
        for column, stack in stacks.items()
        if len(stack) == 1 and abs(stack[0].middle - (top + bottom) / 2) < CENTRED * (bottom - top) + 1
    }
    if not lone or any(len(stack) == 1 for column, stack in stacks.items() if column not in lone):
        return {}, list(band)
    spanning: Row = {column: row[column] for row in band for column in row if column in lone}
    rest = [{column: cells for column, cells in row.items() if column not in lone} for row in band]
    return spanning, [row for row in rest if row]
