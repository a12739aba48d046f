"""Cells that stand in rows and columns, as tables."""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.reading_order import Flow, Line, visual_rows

MIN_ROWS = 3
"""Rows with two cells or more that it takes to be a table."""

Row = list[list[Line]]
"""The lines in each column."""


@dataclass(frozen=True)
class Grid:
    """Lines that are a table."""

    lines: tuple[Line, ...]
    table: Table


def grid_parts(flow: Flow) -> Iterator[Grid | tuple[Line, ...]]:
    """The table of a flow of cells, and the lines before and after it; only lines where it is no table."""
    rows = [_cells(row, flow.gutters) for row in visual_rows(flow.lines)]
    wide = [index for index, row in enumerate(rows) if _width(row) > 1]
    if len(wide) < MIN_ROWS or 2 * len(wide) < wide[-1] - wide[0] + 1:
        yield flow.lines
        return
    first, end = wide[0], _with_continuations(rows, wide[-1] + 1, wide)
    if first:
        yield _lines(rows[:first])
    yield Grid(_lines(rows[first:end]), _table(_joined(rows[first:end], _pitch(rows, wide))))
    if end < len(rows):
        yield _lines(rows[end:])


def html_source(table: Table) -> str:
    """The table as HTML without spans, which is what an engine would have written."""
    rows: list[list[str]] = [[""] * table.column_count for _ in range(table.row_count)]
    for cell in table.cells:
        rows[cell.row][cell.column] = html.escape(cell.text, quote=False).replace("\n", "<br>")
    written = ("".join(f"<td>{text}</td>" for text in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in written) + "</table>"


def _cells(row: Sequence[Line], gutters: Sequence[float]) -> Row:
    cells: Row = [[] for _ in range(len(gutters) + 1)]
    for line in row:
        centre = (line.box.left + line.box.right) / 2
        cells[sum(centre > gutter for gutter in gutters)].append(line)
    return cells


def _width(row: Row) -> int:
    return sum(bool(cell) for cell in row)


def _middle(row: Row) -> float:
    return median(line.middle for cell in row for line in cell)


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
    return _width(row) == 1 and _middle(row) - _middle(above) < 0.8 * pitch


def _joined(rows: Sequence[Row], pitch: float) -> list[Row]:
    """The rows with second lines taken into the row above."""
    result: list[Row] = []
    above: Row | None = None
    for row in rows:
        if above is not None and _continues(above, row, pitch):
            result[-1] = [upper + lower for upper, lower in zip(result[-1], row, strict=True)]
        else:
            result.append(row)
        above = row
    return result


def _table(rows: Sequence[Row]) -> Table:
    """The first row is a header where it has no numbers and most of what is below it has."""
    texts = [[" ".join(line.text for line in cell) for cell in row] for row in rows]
    has_header = not any(map(_has_digit, texts[0])) and _mostly_numbers(texts[1:])
    cells = (
        TableCell(row=r, column=c, text=text, is_header=has_header and r == 0)
        for r, row in enumerate(texts)
        for c, text in enumerate(row)
    )
    return Table(row_count=len(texts), column_count=len(texts[0]), cells=tuple(cells))


def _mostly_numbers(rows: Sequence[Sequence[str]]) -> bool:
    values = [text for row in rows for text in row[1:] if text]
    return sum(map(_has_digit, values)) * 2 > len(values)


def _has_digit(text: str) -> bool:
    return re.search(r"\d", text) is not None


def _lines(rows: Sequence[Row]) -> tuple[Line, ...]:
    return tuple(line for row in rows for cell in row for line in cell)
