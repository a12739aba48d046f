"""Make tables of cells that stand in rows and columns."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.layout.header_spans import widen_headers
from ocr_mcp.parsing.layout.page_lines import PageLine, group_rows
from ocr_mcp.parsing.layout.reading_order import Flow
from ocr_mcp.parsing.layout.table_rows import (
    TableRow,
    build_row,
    build_table,
    continues_row,
    find_wide_rows,
    join_continuations,
    list_lines,
    measure_row_pitch,
)

MIN_TABLE_ROWS = 3
"""Rows with two cells or more that a table has at least where no ruling lines frame it."""

MAX_CROSSING_ROWS_RATIO = 0.2
"""Part of the rows that may cross the white between two columns, as headers and section rows do."""


@dataclass(frozen=True)
class Grid:
    """Lines that form a table, and the table."""

    lines: tuple[PageLine, ...]
    table: Table


def split_grid(flow: Flow) -> Iterator[Grid | tuple[PageLine, ...]]:
    """Yield the table of a flow of cells and the lines before and after it; all lines where they form no table."""
    visual = group_rows(flow.lines)
    full = select_full_rows(visual)
    cuts = find_column_cuts(full, flow.lines) or list(flow.gutters)
    rows = [build_row(row, cuts) for row in visual]
    wide = find_wide_rows(rows)
    if len(wide) < MIN_TABLE_ROWS or 2 * len(wide) < wide[-1] - wide[0] + 1:
        yield flow.lines
        return
    first, end = wide[0], _extend_over_continuations(rows, wide[-1] + 1)
    if first:
        yield list_lines(rows[:first])
    body = join_continuations(widen_headers(rows[first:end], cuts, ()), measure_row_pitch(rows))
    yield Grid(list_lines(rows[first:end]), build_table(body, len(cuts) + 1))
    if end < len(rows):
        yield list_lines(rows[end:])


def select_full_rows(rows: Sequence[list[PageLine]]) -> Sequence[list[PageLine]]:
    """Return the rows that show where the columns are: those with over half as many lines as the fullest row.

    Headers and section rows span several columns and are left out. Where the full rows are too few, all are returned.
    """
    most = max((len(row) for row in rows), default=0)
    full = [row for row in rows if 2 * len(row) > most]
    return full if len(full) >= max(MIN_TABLE_ROWS, len(rows) / 2) else rows


def find_column_cuts(
    rows: Sequence[list[PageLine]], lines: Sequence[PageLine], min_rows: float = MIN_TABLE_ROWS
) -> list[float]:
    """Return where columns part, as x in pixels.

    A column is a stretch that a quarter of `rows` has text in, and at least `min_rows` of them. A cut goes between two
    columns where the fewest of all `lines`, which include headers and section rows, are crossed.
    """
    members = [line for row in rows for line in row]
    edges = sorted({edge for line in members for edge in (line.box.left, line.box.right)})
    cover = [_count_covering(a, b, members) for a, b in pairwise(edges)]
    few, many = MAX_CROSSING_ROWS_RATIO * len(rows), max(min_rows, 0.25 * len(rows))
    cuts: list[float] = []
    valley: list[int] = []
    seen_column = False
    for index, count in enumerate(cover):
        if count <= few:
            valley.append(index)
        elif count >= many:
            if seen_column and valley:
                cuts.append(_find_clearest(edges[valley[0]], edges[valley[-1] + 1], lines))
            seen_column, valley = True, []
    return cuts


def _count_covering(left: float, right: float, lines: Sequence[PageLine]) -> int:
    """Return the number of lines that reach from `left` to `right`."""
    return sum(line.box.left <= left and right <= line.box.right for line in lines)


def _find_clearest(start: float, end: float, lines: Sequence[PageLine]) -> float:
    """Return the middle of the stretch between two columns that the fewest lines cross, the widest of such."""
    inner = (edge for line in lines for edge in (line.box.left, line.box.right) if start < edge < end)
    edges = sorted({start, end, *inner})
    left, right = min(pairwise(edges), key=lambda pair: (_count_covering(*pair, lines), pair[0] - pair[1]))
    return (left + right) / 2


def _extend_over_continuations(rows: Sequence[TableRow], end: int) -> int:
    """Return the index after the last row of a table, once the second lines of its last cells are taken in."""
    pitch = measure_row_pitch(rows)
    while end < len(rows) and len(rows[end]) == 1 and continues_row(rows[end - 1], rows[end], pitch):
        end += 1
    return end


def render_table(table: Table) -> str:
    """Return a table as HTML, which is the form that models write tables in."""
    rows: list[str] = [""] * table.row_count
    for cell in table.cells:
        rows[cell.row] += f"<td{_render_spans(cell)}>{html.escape(cell.text, quote=False)}</td>"
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _render_spans(cell: TableCell) -> str:
    """Return the attributes for a cell that spans several rows or columns."""
    down = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    across = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    return down + across
