"""Build the table that ruling lines frame.

Upright rules part columns, and so does white space where there are none. Flat rules part rows; between two of them
stands one row where its cells wrap, and several where whole rows follow each other.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.grids import Grid, find_column_cuts, select_full_rows
from ocr_mcp.parsing.layout.header_spans import count_header_rows, widen_headers
from ocr_mcp.parsing.layout.page_lines import PageLine, PageLines, group_rows
from ocr_mcp.parsing.layout.rules import Frame, find_separators
from ocr_mcp.parsing.layout.table_rows import (
    TableRow,
    build_row,
    build_table,
    find_row_middle,
    find_wide_rows,
    join_continuations,
    list_lines,
    measure_row_pitch,
    merge_rows,
)

MIN_WRAPPED_WIDTH_RATIO = 0.75
"""Width, as a part of its column's, from which a line may go on in the next line of its cell."""

MAX_SPANNING_OFFSET_RATIO = 0.2
"""Distance from the middle of a band at which a cell that spans all of its rows may stand, as a part of the distance
from its first row to its last."""

MIN_RULED_BANDS = 3
"""Bands from which flat rules part rows; fewer are only header, body and foot."""


def build_ruled_grid(frame: Frame, lines: PageLines) -> Grid | None:
    """Return the table in a frame; None where it has fewer than two rows or two columns."""
    visual = group_rows(lines)
    cuts = _find_cuts(frame, visual)
    bands = [[build_row(row, cuts) for row in band] for band in _split_bands(frame, visual)]
    if not cuts or sum(map(len, bands)) < 2:
        return None
    rows: list[TableRow] = _build_header(bands, frame, cuts) if len(bands) > 1 else []
    row_spans: dict[tuple[int, int], int] = {}
    is_ruled = len(bands) >= MIN_RULED_BANDS
    for band in bands[1:] if len(bands) > 1 else bands:
        spanning, rest = _split_spanning_cells(band, len(cuts) + 1) if is_ruled else ({}, band)
        read = _build_band_rows(rest, _measure_widths(frame, cuts), is_ruled=is_ruled)
        row_spans |= {(len(rows), column): len(read) for column in spanning}
        rows += [{**spanning, **read[0]}, *read[1:]]
    return Grid(list_lines(rows), build_table(rows, len(cuts) + 1, row_spans=row_spans)) if len(rows) > 1 else None


def _build_header(bands: Sequence[list[TableRow]], frame: Frame, cuts: Sequence[float]) -> list[TableRow]:
    """Return the header rows: the first band, with its headers widened over the columns that they head.

    Without a rule above it the band also holds rows that are no header.
    """
    first, below = bands[0], bands[1][0]
    has_rule_above = any(rule.top < find_row_middle(first[0]) for rule in frame.flat)
    count = len(first) if has_rule_above else count_header_rows(first) or len(first)
    return widen_headers([*first, below], cuts, _select_partial_rules(frame), count)[:-1]


def _select_partial_rules(frame: Frame) -> list[BoundingBox]:
    """Return the flat rules that cover under 0.8 of the frame's width, as under a header of several columns."""
    return [rule for rule in frame.flat if rule.width < 0.8 * frame.box.width]


def _find_cuts(frame: Frame, visual: Sequence[PageLines]) -> list[float]:
    """Return where columns part, as x in pixels: at upright rules, and between them where most rows leave white."""
    ruled = [
        x for x in find_separators(frame.upright, frame.box.top, frame.box.bottom, upright=True) if _is_inner(x, frame)
    ]
    full = select_full_rows(visual)
    lines = [line for row in full for line in row]
    every = [line for row in visual for line in row]
    white = find_column_cuts(full, every, min_rows=max(1.0, min(3.0, len(full) / 2)))
    edges = sorted([frame.box.left, *ruled, frame.box.right])
    return sorted([*ruled, *(x for x in white if _parts_columns(x, edges, lines))])


def _parts_columns(x: float, edges: Sequence[float], lines: Sequence[PageLine]) -> bool:
    """Tell whether white at `x` parts two columns that no rule parts.

    Then text stands on both sides of it, between the same two rules. `edges` are the rules and the frame, x in pixels.
    """
    left = max((edge for edge in edges if edge <= x), default=x)
    right = min((edge for edge in edges if edge > x), default=x)
    centres = [(line.box.left + line.box.right) / 2 for line in lines]
    return any(left < c < x for c in centres) and any(x < c < right for c in centres)


def _is_inner(x: float, frame: Frame) -> bool:
    """Tell whether x lies inside of a frame rather than at its left or right rule.

    It must be 1 % of the frame's width and 2 pixels away from them.
    """
    margin = 0.01 * frame.box.width + 2
    return frame.box.left + margin < x < frame.box.right - margin


def _split_bands(frame: Frame, visual: Sequence[PageLines]) -> list[list[PageLines]]:
    """Return the rows between each two neighbouring flat rules that go all across."""
    across = find_separators(frame.flat, frame.box.left, frame.box.right, upright=False)
    bands: dict[int, list[PageLines]] = {}
    for row in visual:
        centre = median(line.middle for line in row)
        bands.setdefault(sum(y < centre for y in across), []).append(row)
    return [bands[index] for index in sorted(bands)]


def _measure_widths(frame: Frame, cuts: Sequence[float]) -> list[float]:
    """Return the width of each column in pixels."""
    edges = [frame.box.left, *cuts, frame.box.right]
    return [right - left for left, right in pairwise(edges)]


def _build_band_rows(band: Sequence[TableRow], widths: Sequence[float], *, is_ruled: bool) -> list[TableRow]:
    """Return the rows of a band: one where rules part rows and its cells wrap, else each with its continuations."""
    if is_ruled and (len(find_wide_rows(band)) < 2 or _is_wrapped(band, widths)):
        return [merge_rows(band)]
    return join_continuations(band, measure_row_pitch(band))


def _is_wrapped(band: Sequence[TableRow], widths: Sequence[float]) -> bool:
    """Tell whether each cell of several lines fills its column with all of them but the last."""
    stacks = {column: _list_column(band, column) for column in range(len(widths))}
    several = {column: stack for column, stack in stacks.items() if len(stack) > 1}
    return all(
        line.box.width >= MIN_WRAPPED_WIDTH_RATIO * widths[column]
        for column, stack in several.items()
        for line in stack[:-1]
    )


def _list_column(band: Sequence[TableRow], column: int) -> list[PageLine]:
    """Return the lines of a column from top to bottom."""
    return [line for row in band for line, _ in row.get(column, [])]


def _split_spanning_cells(band: Sequence[TableRow], column_count: int) -> tuple[TableRow, list[TableRow]]:
    """Return the cells that span all rows of a band, and the rows without them.

    Each stands alone in its column, in the middle of the band, while the other columns have several rows. A lone cell
    elsewhere in the band shows that its rows are something else, so no cell spans them.
    """
    wide = [row for row in band if len(row) > 1]
    if len(wide) < 2:
        return {}, list(band)
    top, bottom = find_row_middle(wide[0]), find_row_middle(wide[-1])
    stacks = {column: _list_column(band, column) for column in range(column_count)}
    lone = {
        column
        for column, stack in stacks.items()
        if len(stack) == 1
        and abs(stack[0].middle - (top + bottom) / 2) < MAX_SPANNING_OFFSET_RATIO * (bottom - top) + 1
    }
    if not lone or any(len(stack) == 1 for column, stack in stacks.items() if column not in lone):
        return {}, list(band)
    spanning: TableRow = {column: row[column] for row in band for column in row if column in lone}
    rest = [{column: cells for column, cells in row.items() if column not in lone} for row in band]
    return spanning, [row for row in rest if row]
