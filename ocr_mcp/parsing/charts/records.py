"""Turns the table of a chart into records: one for each value, with its series, category and unit."""

import re
from collections.abc import Iterator, Sequence

from ocr_mcp.model.blocks import Table
from ocr_mcp.model.charts import ChartRecord
from ocr_mcp.parsing.charts.numbers import DecimalMark, decimal_mark, is_missing, read_quantity

TextRow = Sequence[str]

FIRST_YEAR = 1500
LAST_YEAR = 2200
"""A whole number between these two in the first row is taken for a year: it names a series and is no value."""

_HEADER_UNIT = re.compile(r"[(\[]([^()\[\]]{1,24})[)\]]\s*$")
_UNIT_WORDS = re.compile(
    r"[%‰$€£¥°]|\b(?:thousands?|millions?|billions?|trillions?|mn|bn|USD|EUR|GBP|CNY|RMB|JPY|kg|tonnes?|tons?|km|cm|mm|m|ms"
    r"|s|sec|seconds?|min|minutes?|h|hours?|days?|years?|[kMGT]?Wh?|[kMGT]B|Hz|units?)\b|[千万亿]"
)


def expand_rows(table: Table) -> tuple[tuple[str, ...], ...]:
    """Return the texts of a table row by row, the text of a spanning cell in each place that it covers.

    A row ends with its last cell, so that rows may differ in length.
    """
    ends = [0] * table.row_count
    grid = [[""] * table.column_count for _ in range(table.row_count)]
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            ends[row] = max(ends[row], cell.column + cell.column_span)
            for column in range(cell.column, cell.column + cell.column_span):
                grid[row][column] = cell.text
    return tuple(tuple(row[:end]) for row, end in zip(grid, ends, strict=True))


def header_depth(table: Table) -> int:
    """Return the number of header rows: at least 1, and less than all rows where there are several.

    There are two where a cell of the first row spans some of the columns, and as many as rows that a cell of it spans.
    """
    first = [cell for cell in table.cells if cell.row == 0]
    # A first cell over all rows is a name at the side, not a header.
    spans = max((cell.row_span for cell in first if cell.column > 0 or cell.row_span < table.row_count), default=1)
    depth = 2 if any(1 < cell.column_span < table.column_count for cell in first) else 1
    return min(max(depth, spans if spans < table.row_count else 1), max(table.row_count - 1, 1))


def chart_records(rows: Sequence[TextRow], *, depth: int = 1) -> tuple[ChartRecord, ...]:
    """Return a record for each value of a table with `depth` header rows.

    The leading columns that hold text name the category, the header names the series, each joined by ` / `.
    """
    body, header = _split_header(rows, depth)
    mark = decimal_mark(cell for row in body for cell in row)
    width = max((len(row) for row in body), default=0)
    keys = _count_key_columns(body, width)
    return tuple(_build_records(header, body, keys, mark))


def _split_header(rows: Sequence[TextRow], depth: int) -> tuple[Sequence[TextRow], TextRow]:
    """Return the rows with values, and the name of each column: its header cells, each once. No header, no names."""
    if not rows or _begins_with_values(rows):
        return rows, ()
    width = max(len(row) for row in rows[:depth])
    columns = ([row[c] for row in rows[:depth] if c < len(row) and row[c]] for c in range(width))
    return rows[depth:], [" / ".join(dict.fromkeys(column)) for column in columns]


def _begins_with_values(rows: Sequence[TextRow]) -> bool:
    """Return True for a table without a header: its first row is a name and numbers, none of which is a year."""
    first = rows[0]
    if len(first) < 2 or not first[0].strip():
        return False
    values = [read_quantity(cell) for cell in first[1:]]
    return all(q.value is not None and not _is_year(q.value) for q in values)


def _is_year(value: float) -> bool:
    return value == int(value) and FIRST_YEAR <= value <= LAST_YEAR


def _count_key_columns(body: Sequence[TextRow], width: int) -> int:
    """Count the leading columns that name the row: the first, and those after it that hold text in every row.

    The last column is never one of them; a table of a single column has none.
    """
    if width < 2:
        return 0
    keys = 1
    while keys < width - 1 and all(keys < len(row) and _is_name(row[keys]) for row in body):
        keys += 1
    return keys


def _is_name(cell: str) -> bool:
    return not is_missing(cell) and read_quantity(cell).value is None


def _build_records(
    header: TextRow, body: Sequence[TextRow], keys: int, mark: DecimalMark | None
) -> Iterator[ChartRecord]:
    for row in body:
        category = " / ".join(dict.fromkeys(cell for cell in row[:keys] if cell))
        for column in range(keys, len(row)):
            series = header[column] if column < len(header) else ""
            quantity = read_quantity(row[column], mark)
            yield ChartRecord(
                series=series,
                category=category,
                value=quantity.value,
                unit=quantity.unit or _header_unit(series),
                raw=row[column],
                alternatives=quantity.alternatives,
            )


def _header_unit(series: str) -> str | None:
    """Return the unit in brackets at the end of a header, `Sales (mn EUR)`; None if the brackets hold other words."""
    match = _HEADER_UNIT.search(series)
    return match[1].strip() if match and _UNIT_WORDS.search(match[1]) else None
