"""A table that goes on on the next page: found by what ends the one page and what begins the other.

The pages stay what they are; the second table says which one it continues. One page after the other is looked at, so
that a document can be written while it is read.
"""

import re
from collections.abc import Sequence

from ocr_mcp.model.blocks import Block, BlockLabel, Continuation, Table
from ocr_mcp.model.documents import Page, PageFailure
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.table_places import first_table_index, last_table_index

SAME_EDGE = 0.03
"""How far the edges of two parts of a table lie apart at most, as a part of the page's width."""

_NUMBER = re.compile(r"[^\w]*\d[\d.,'\s\u00a0]*[^\w]*\w{0,3}[^\w]*")


class TableTail(Frozen):
    """The table at the end of a page, as far as the next page may go on with it.

    `header` are the texts of its header rows, `numeric` the columns whose cells are all numbers, `edges` its left and
    right edge as parts of the page's width (None where it has no place). `block_index` is 0-based.
    """

    page: int
    block_index: int
    column_count: int
    header: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    edges: tuple[float, float] | None
    is_plain: bool


def table_tail(page: Page, before: TableTail | None = None) -> TableTail | None:
    """The table that ends a page; None without one. `before` is the tail of the page before, which it may continue."""
    index = last_table_index(page)
    table = None if index is None else page.blocks[index].table
    if index is None or table is None:
        return None
    block, rows = page.blocks[index], _rows(table)
    header, numeric = _header(table, rows), frozenset(range(table.column_count))
    body = rows[len(header) :]
    if block.continues is not None and before is not None:
        header, numeric, body = before.header, before.numeric, rows[block.continues.repeated_rows :]
    return TableTail(
        page=page.number,
        block_index=index,
        column_count=table.column_count,
        header=header,
        numeric=numeric & _numeric(body),
        edges=_edges(block, page),
        is_plain=table.is_plain,
    )


def with_continued_table(page: Page, before: TableTail | None) -> Page:
    """The page, whose first table says what it continues, if it does; `before` is the tail of the page before."""
    index = first_table_index(page)
    if before is None or index is None or page.number != before.page + 1:
        return page
    block = page.blocks[index]
    repeated = _repeated_rows(block, page, before)
    if repeated is None:
        return page
    link = Continuation(page=before.page, block_index=before.block_index, repeated_rows=repeated)
    linked = block.model_copy(update={"continues": link})
    return page.model_copy(update={"blocks": (*page.blocks[:index], linked, *page.blocks[index + 1 :])})


def follow_tables(result: Page | PageFailure, before: TableTail | None) -> tuple[Page | PageFailure, TableTail | None]:
    """The page, linked to the table of the page before if that goes on, and what the next page may go on with."""
    if isinstance(result, PageFailure):
        return result, None
    page = with_continued_table(result, before)
    return page, table_tail(page, before)


def _repeated_rows(block: Block, page: Page, before: TableTail) -> int | None:
    """How many header rows the second part repeats; None where it is a table of its own.

    A part without a header has to lie between the same edges, and go on with numbers where numbers stood.
    """
    table = block.table
    if block.label is not BlockLabel.TABLE or table is None or table.column_count != before.column_count:
        return None
    if table.is_plain is not before.is_plain or table.column_count < 2:
        return None
    rows = _rows(table)
    if _spelled(rows[: len(before.header)]) == _spelled(before.header) and len(rows) > len(before.header):
        return len(before.header)
    has_header = any(cell.is_header for cell in table.cells)
    goes_on = bool(before.numeric) and before.numeric <= _numeric(rows[:1])
    return 0 if goes_on and not has_header and _same_edges(_edges(block, page), before.edges) else None


def _rows(table: Table) -> list[tuple[str, ...]]:
    grid = [[""] * table.column_count for _ in range(table.row_count)]
    for cell in table.cells:
        grid[cell.row][cell.column] = cell.text
    return [tuple(row) for row in grid]


def _header(table: Table, rows: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The rows that are marked as header, else the first one; rows that a cell of the first spans belong to it."""
    marked = [cell.row + cell.row_span for cell in table.cells if cell.is_header]
    first = [cell.row_span for cell in table.cells if cell.row == 0]
    return tuple(rows[: max([*marked, *first, 1])])


def _spelled(rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [["".join(filter(str.isalnum, cell)).casefold() for cell in row] for row in rows]


def _numeric(rows: Sequence[tuple[str, ...]]) -> frozenset[int]:
    """The columns that hold nothing but numbers, in one row at least."""
    columns = range(len(rows[0])) if rows else ()
    return frozenset(
        column
        for column in columns
        if any(row[column].strip() for row in rows)
        and all(_NUMBER.fullmatch(row[column]) for row in rows if row[column].strip())
    )


def _edges(block: Block, page: Page) -> tuple[float, float] | None:
    if not block.boxes:
        return None
    left, right = min(box.left for box in block.boxes), max(box.right for box in block.boxes)
    return left / page.size.width, right / page.size.width


def _same_edges(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(a - b) <= SAME_EDGE for a, b in zip(one, other, strict=True))
