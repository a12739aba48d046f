"""Rows of cells: how lines become cells, cells rows, and rows a table."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.layout.page_lines import Line

Cell = tuple[Line, int]
"""A line and how many columns it spans."""

Row = dict[int, list[Cell]]
"""The cells by the column that they begin in."""

Tall = Mapping[tuple[int, int], int]
"""How many rows a cell spans, by its row and column, for those of more than one."""

NEAR = 0.8
"""Of the usual distance of rows: what stands nearer goes on with the row above."""


def row_of(lines: Sequence[Line], cuts: Sequence[float]) -> Row:
    """Lines side by side as cells. A line that crosses a cut spans both columns."""
    row: Row = {}
    for line in lines:
        margin = min(0.4 * line.box.height, line.box.width / 3)
        first = sum(line.box.left + margin > cut for cut in cuts)
        last = max(first, sum(line.box.right - margin > cut for cut in cuts))
        row.setdefault(first, []).append((line, last - first + 1))
    return row


def lines_of(rows: Sequence[Row]) -> tuple[Line, ...]:
    """The lines of all cells, row by row."""
    return tuple(line for row in rows for column in sorted(row) for line, _ in row[column])


def middle(row: Row) -> float:
    """The vertical centre of a row."""
    return median(line.middle for line in lines_of([row]))


def wide_rows(rows: Sequence[Row]) -> list[int]:
    """The indexes of the rows with two cells or more."""
    return [index for index, row in enumerate(rows) if len(row) > 1]


def row_pitch(rows: Sequence[Row]) -> float:
    """The usual distance of one full row to the next; without two of them there is none, and all are far apart."""
    wide = wide_rows(rows)
    return median(middle(rows[b]) - middle(rows[a]) for a, b in pairwise(wide)) if len(wide) > 1 else 0.0


def continues(above: Row, row: Row, pitch: float) -> bool:
    """Whether a row holds the second lines of cells of the row above: fewer, each under one, nearer than rows are."""
    fewer = len(row) == 1 or (len(row) < len(above) and all(column in above for column in row))
    return fewer and middle(row) - middle(above) < NEAR * pitch


def joined_rows(rows: Sequence[Row], pitch: float) -> list[Row]:
    """The rows with second lines taken into the row above."""
    result: list[Row] = []
    above: Row | None = None
    for row in rows:
        if above is not None and continues(above, row, pitch):
            result[-1] = together((result[-1], row))
        else:
            result.append(row)
        above = row
    return result


def together(rows: Sequence[Row]) -> Row:
    """Rows as one, each column's lines below each other in one cell."""
    result: Row = {}
    for row in rows:
        for column, cells in row.items():
            result[column] = result.get(column, []) + cells
    return result


def table_of(rows: Sequence[Row], column_count: int, tall: Tall | None = None) -> Table:
    """Every place of the grid filled, with blanks where nothing stands.

    The first row is a header if it has no digits and the others mostly numbers.
    """
    tall = tall or {}
    texts = [[" ".join(line.text for line, _ in row.get(c, [])) for c in range(column_count)] for row in rows]
    headers = int(_is_header(texts))
    cells: list[TableCell] = []
    taken: set[tuple[int, int]] = set()
    for r, row in enumerate(rows):
        column = 0
        while column < column_count:
            if (r, column) in taken:
                column += 1
                continue
            down, span = tall.get((r, column), 1), _span(row, column, column_count)
            cells.append(
                TableCell(
                    row=r, column=column, row_span=down, column_span=span, text=texts[r][column], is_header=r < headers
                )
            )
            taken |= {(r + below, column + beside) for below in range(1, down) for beside in range(span)}
            column += span
    return Table(row_count=len(rows), column_count=column_count, cells=tuple(cells))


def _span(row: Row, column: int, column_count: int) -> int:
    """How many columns the cell there takes, as far as no other begins in them."""
    wanted = max((span for _, span in row.get(column, [])), default=1)
    following = min((other for other in row if other > column), default=column_count)
    return max(1, min(wanted, following - column))


def _is_header(texts: Sequence[Sequence[str]]) -> bool:
    return not any(map(has_digit, texts[0])) and _mostly_numbers(texts[1:])


def _mostly_numbers(rows: Sequence[Sequence[str]]) -> bool:
    values = [text for row in rows for text in row[1:] if text]
    return sum(map(has_digit, values)) * 2 > len(values)


def has_digit(text: str) -> bool:
    """Whether a text holds a digit."""
    return re.search(r"\d", text) is not None
