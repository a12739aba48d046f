"""Cells that stand in rows and columns, as tables."""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.page_lines import Line, visual_rows
from ocr_mcp.parsing.reading_order import Flow

MIN_ROWS = 3
"""Rows with two cells or more that it takes to be a table."""

FEW = 0.2
"""The part of the rows that may cross the space between two columns: headers and section rows do."""

Cell = tuple[Line, int]
"""A line and how many columns it spans."""

Row = dict[int, list[Cell]]
"""The cells by the column that they begin in."""


@dataclass(frozen=True)
class Grid:
    """Lines that are a table."""

    lines: tuple[Line, ...]
    table: Table


def grid_parts(flow: Flow) -> Iterator[Grid | tuple[Line, ...]]:
    """The table of a flow of cells, and the lines before and after it; only lines where it is no table."""
    visual = visual_rows(flow.lines)
    full = _full_rows(visual)
    cuts = _column_cuts([line for row in full for line in row], len(full)) or list(flow.gutters)
    rows = [_row(row, cuts) for row in visual]
    wide = [index for index, row in enumerate(rows) if len(row) > 1]
    if len(wide) < MIN_ROWS or 2 * len(wide) < wide[-1] - wide[0] + 1:
        yield flow.lines
        return
    first, end = wide[0], _with_continuations(rows, wide[-1] + 1, wide)
    if first:
        yield _lines(rows[:first])
    yield Grid(_lines(rows[first:end]), _table(_joined(rows[first:end], _pitch(rows, wide)), len(cuts) + 1))
    if end < len(rows):
        yield _lines(rows[end:])


def _full_rows(rows: Sequence[list[Line]]) -> Sequence[list[Line]]:
    """The rows that show where the columns are: headers and section rows span several. All, if too few are full."""
    most = max((len(row) for row in rows), default=0)
    full = [row for row in rows if 2 * len(row) > most]
    return full if len(full) >= max(MIN_ROWS, len(rows) / 2) else rows


def _column_cuts(lines: Sequence[Line], row_count: int) -> list[float]:
    """Where columns part: the clearest place between two stretches that many rows have text in."""
    edges = sorted({edge for line in lines for edge in (line.box.left, line.box.right)})
    cover = [sum(line.box.left <= a and b <= line.box.right for line in lines) for a, b in pairwise(edges)]
    few, many = FEW * row_count, max(MIN_ROWS, 0.25 * row_count)
    cuts: list[float] = []
    valley: list[int] = []
    seen_column = False
    for index, count in enumerate(cover):
        if count <= few:
            valley.append(index)
        elif count >= many:
            if seen_column and valley:
                cuts.append(_clearest(valley, cover, edges))
            seen_column, valley = True, []
    return cuts


def _clearest(valley: Sequence[int], cover: Sequence[int], edges: Sequence[float]) -> float:
    best = min(valley, key=lambda index: (cover[index], edges[index] - edges[index + 1]))
    return (edges[best] + edges[best + 1]) / 2


def html_source(table: Table) -> str:
    """The table as HTML, which is what an engine would have written."""
    rows: list[str] = [""] * table.row_count
    for cell in table.cells:
        span = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
        rows[cell.row] += f"<td{span}>{html.escape(cell.text, quote=False)}</td>"
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _row(lines: Sequence[Line], cuts: Sequence[float]) -> Row:
    row: Row = {}
    for line in lines:
        margin = min(0.4 * line.box.height, line.box.width / 3)
        first = sum(line.box.left + margin > cut for cut in cuts)
        last = max(first, sum(line.box.right - margin > cut for cut in cuts))
        row.setdefault(first, []).append((line, last - first + 1))
    return row


def _middle(row: Row) -> float:
    return median(line.middle for line in _lines([row]))


def _pitch(rows: Sequence[Row], wide: Sequence[int]) -> float:
    """The usual distance of one full row to the next."""
    return median(_middle(rows[b]) - _middle(rows[a]) for a, b in itertools.pairwise(wide))


def _with_continuations(rows: Sequence[Row], end: int, wide: Sequence[int]) -> int:
    pitch = _pitch(rows, wide)
    while end < len(rows) and _continues(rows[end - 1], rows[end], pitch):
        end += 1
    return end


def _continues(above: Row, row: Row, pitch: float) -> bool:
    """A second line of the row above: a single cell, nearer than rows are."""
    return len(row) == 1 and _middle(row) - _middle(above) < 0.8 * pitch


def _joined(rows: Sequence[Row], pitch: float) -> list[Row]:
    """The rows with second lines taken into the row above."""
    result: list[Row] = []
    above: Row | None = None
    for row in rows:
        if above is not None and _continues(above, row, pitch):
            result[-1] = {column: result[-1].get(column, []) + row.get(column, []) for column in {**result[-1], **row}}
        else:
            result.append(row)
        above = row
    return result


def _table(rows: Sequence[Row], column_count: int) -> Table:
    """Every place of the grid filled, with blanks where nothing stands."""
    texts = [[" ".join(line.text for line, _ in row.get(c, [])) for c in range(column_count)] for row in rows]
    has_header = not any(map(_has_digit, texts[0])) and _mostly_numbers(texts[1:])
    cells: list[TableCell] = []
    for r, row in enumerate(rows):
        column = 0
        while column < column_count:
            span = _span(row, column, column_count)
            header = has_header and r == 0
            cells.append(TableCell(row=r, column=column, column_span=span, text=texts[r][column], is_header=header))
            column += span
    return Table(row_count=len(rows), column_count=column_count, cells=tuple(cells))


def _span(row: Row, column: int, column_count: int) -> int:
    """How many columns the cell there takes, as far as no other begins in them."""
    wanted = max((span for _, span in row.get(column, [])), default=1)
    following = min((other for other in row if other > column), default=column_count)
    return max(1, min(wanted, following - column))


def _mostly_numbers(rows: Sequence[Sequence[str]]) -> bool:
    values = [text for row in rows for text in row[1:] if text]
    return sum(map(_has_digit, values)) * 2 > len(values)


def _has_digit(text: str) -> bool:
    return re.search(r"\d", text) is not None


def _lines(rows: Sequence[Row]) -> tuple[Line, ...]:
    return tuple(line for row in rows for column in sorted(row) for line, _ in row[column])
