"""Rows of cells: how lines become cells, cells rows, and rows a table."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.layout.page_lines import PageLine

LineCell = tuple[PageLine, int]
"""A line and how many columns it spans."""

TableRow = dict[int, list[LineCell]]
"""The cells by the column that they begin in."""

RowSpans = Mapping[tuple[int, int], int]
"""How many rows a cell spans, by its row and column, for those of more than one."""

MAX_CONTINUATION_PITCH_RATIO = 0.8
"""Of the usual distance of rows: what stands nearer goes on with the row above."""


def build_row(lines: Sequence[PageLine], cuts: Sequence[float]) -> TableRow:
    """Lines side by side as cells. A line that crosses a cut spans both columns."""
    row: TableRow = {}
    for line in lines:
        margin = min(0.4 * line.box.height, line.box.width / 3)
        first = sum(line.box.left + margin > cut for cut in cuts)
        last = max(first, sum(line.box.right - margin > cut for cut in cuts))
        row.setdefault(first, []).append((line, last - first + 1))
    return row


def list_lines(rows: Sequence[TableRow]) -> tuple[PageLine, ...]:
    """The lines of all cells, row by row."""
    return tuple(line for row in rows for column in sorted(row) for line, _ in row[column])


def find_row_middle(row: TableRow) -> float:
    """The vertical centre of a row."""
    return median(line.middle for line in list_lines([row]))


def find_wide_rows(rows: Sequence[TableRow]) -> list[int]:
    """The indexes of the rows with two cells or more."""
    return [index for index, row in enumerate(rows) if len(row) > 1]


def measure_row_pitch(rows: Sequence[TableRow]) -> float:
    """The usual distance of one full row to the next; without two of them there is none, and all are far apart."""
    wide = find_wide_rows(rows)
    return (
        median(find_row_middle(rows[b]) - find_row_middle(rows[a]) for a, b in pairwise(wide)) if len(wide) > 1 else 0.0
    )


def continues_row(above: TableRow, row: TableRow, pitch: float) -> bool:
    """Whether a row holds the second lines of cells of the row above: fewer, each under one, nearer than rows are."""
    fewer = len(row) == 1 or (len(row) < len(above) and all(column in above for column in row))
    return fewer and find_row_middle(row) - find_row_middle(above) < MAX_CONTINUATION_PITCH_RATIO * pitch


def join_continuations(rows: Sequence[TableRow], pitch: float) -> list[TableRow]:
    """The rows with second lines taken into the row above."""
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
    """Rows as one, each column's lines below each other in one cell."""
    result: TableRow = {}
    for row in rows:
        for column, cells in row.items():
            result[column] = result.get(column, []) + cells
    return result


def build_table(rows: Sequence[TableRow], column_count: int, row_spans: RowSpans | None = None) -> Table:
    """Every place of the grid filled, with blanks where nothing stands.

    The first row is a header if it has no digits and the others mostly numbers.
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
