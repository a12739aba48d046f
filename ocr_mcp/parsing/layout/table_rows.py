"""Build tables step by step: lines become cells, cells become rows, and rows become a table."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.layout.page_lines import PageLine

LineCell = tuple[PageLine, int]
"""A line in a cell, and the number of columns that it spans."""

TableRow = dict[int, list[LineCell]]
"""The lines of each cell, by the index of the column that the cell begins in."""

RowSpans = Mapping[tuple[int, int], int]
"""The number of rows that a cell spans, by its row and column; cells of one row are not in it."""

MAX_CONTINUATION_PITCH_RATIO = 0.8
"""Distance to the row above, as a part of the usual distance of rows, under which a row continues its cells."""


def build_row(lines: Sequence[PageLine], cuts: Sequence[float]) -> TableRow:
    """Return lines side by side as cells. `cuts` are the edges between columns, x in pixels from left to right.

    A line that crosses a cut spans both columns.
    """
    row: TableRow = {}
    for line in lines:
        # The boxes of detectors reach beyond their text, so a small overlap with a cut does not count.
        margin = min(0.4 * line.box.height, line.box.width / 3)
        first = sum(line.box.left + margin > cut for cut in cuts)
        last = max(first, sum(line.box.right - margin > cut for cut in cuts))
        row.setdefault(first, []).append((line, last - first + 1))
    return row


def list_lines(rows: Sequence[TableRow]) -> tuple[PageLine, ...]:
    """Return the lines of all cells, row by row and from left to right."""
    return tuple(line for row in rows for column in sorted(row) for line, _ in row[column])


def find_row_middle(row: TableRow) -> float:
    """Return the vertical centre of a row in pixels."""
    return median(line.middle for line in list_lines([row]))


def find_wide_rows(rows: Sequence[TableRow]) -> list[int]:
    """Return the indexes of the rows with two cells or more."""
    return [index for index, row in enumerate(rows) if len(row) > 1]


def measure_row_pitch(rows: Sequence[TableRow]) -> float:
    """Return the median distance in pixels from one row of two cells or more to the next.

    With under two such rows it is 0, so that no row is near enough to continue another.
    """
    wide = find_wide_rows(rows)
    return (
        median(find_row_middle(rows[b]) - find_row_middle(rows[a]) for a, b in pairwise(wide)) if len(wide) > 1 else 0.0
    )


def continues_row(above: TableRow, row: TableRow, pitch: float) -> bool:
    """Tell whether a row holds the second lines of cells of the row above.

    It has fewer cells, each of them under one, and stands nearer than rows do. A row of one cell may stand anywhere.
    """
    fewer = len(row) == 1 or (len(row) < len(above) and all(column in above for column in row))
    return fewer and find_row_middle(row) - find_row_middle(above) < MAX_CONTINUATION_PITCH_RATIO * pitch


def join_continuations(rows: Sequence[TableRow], pitch: float) -> list[TableRow]:
    """Return the rows with second lines moved into the row above."""
    result: list[TableRow] = []
    above: TableRow | None = None
    for row in rows:
        if above is not None and continues_row(above, row, pitch):
            result[-1] = merge_rows((result[-1], row))
        else:
            result.append(row)
        above = row
    return result


def merge_rows(rows: Sequence[TableRow]) -> TableRow:
    """Return rows as one, the lines of each column below each other in one cell."""
    result: TableRow = {}
    for row in rows:
        for column, cells in row.items():
            result[column] = result.get(column, []) + cells
    return result


def build_table(rows: Sequence[TableRow], column_count: int, row_spans: RowSpans | None = None) -> Table:
    """Return the table with a cell at every place of the grid, blank where no text stands.

    The first row is a header if it has no digits and the others are mostly numbers. `row_spans` None: no cell spans
    rows.
    """
    row_spans = row_spans or {}
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
            down, span = row_spans.get((r, column), 1), _measure_column_span(row, column, column_count)
            cells.append(
                TableCell(
                    row=r, column=column, row_span=down, column_span=span, text=texts[r][column], is_header=r < headers
                )
            )
            taken |= {(r + below, column + beside) for below in range(1, down) for beside in range(span)}
            column += span
    return Table(row_count=len(rows), column_count=column_count, cells=tuple(cells))


def _measure_column_span(row: TableRow, column: int, column_count: int) -> int:
    """Return the number of columns that the cell at `column` spans, ending before the next cell of its row."""
    wanted = max((span for _, span in row.get(column, [])), default=1)
    following = min((other for other in row if other > column), default=column_count)
    return max(1, min(wanted, following - column))


def _is_header(texts: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row has no digits and the other rows are mostly numbers."""
    return not any(map(has_digit, texts[0])) and _mostly_numbers(texts[1:])


def _mostly_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether over half of the cells that are not blank hold a digit, the first column left out."""
    values = [text for row in rows for text in row[1:] if text]
    return sum(map(has_digit, values)) * 2 > len(values)


def has_digit(text: str) -> bool:
    """Tell whether a text holds a digit."""
    return re.search(r"\d", text) is not None
