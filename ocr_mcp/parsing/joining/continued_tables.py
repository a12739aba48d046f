"""Finds tables that continue on the next page, by the end of the one page and the beginning of the other.

Pages keep all their blocks; the second table only says which table it continues. Each page is linked as soon as it is
read, knowing the page before it alone, so that a document can be written while it is read.
"""

import re
from collections.abc import Sequence

from ocr_mcp.model.blocks import Block, BlockLabel, Continuation, Table
from ocr_mcp.model.documents import Page, PageFailure
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.table_places import first_table_index, last_table_index

MAX_EDGE_DISTANCE = 0.03
"""Largest distance between the left or right edges of two parts of a table, as a share of the page's width."""

_NUMBER = re.compile(r"[^\w]*\d[\d.,'\s\u00a0]*[^\w]*\w{0,3}[^\w]*")


class TableTail(Frozen):
    """The table at the end of a page, with all that is needed to see whether the next page continues it.

    `page` is the 1-based number of the page, `block_index` the 0-based index of the table among its blocks. `header`
    holds the texts of the header rows, `numeric` the 0-based columns that hold only numbers. `edges` are the left and
    right edge as shares of the page's width, None for a table without a box. `is_plain` is that of `Table`.
    """

    page: int
    block_index: int
    column_count: int
    header: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]
    edges: tuple[float, float] | None
    is_plain: bool


def table_tail(page: Page, before: TableTail | None = None) -> TableTail | None:
    """Describe the table that ends a page; None without one.

    `before` is the tail of the previous page. A table that continues it takes over its header,
    and those of its numeric columns that hold only numbers here too.
    """
    index = last_table_index(page)
    table = None if index is None else page.blocks[index].table
    if index is None or table is None:
        return None
    block, rows = page.blocks[index], _grid_rows(table)
    header, numeric = _header_rows(table, rows), frozenset(range(table.column_count))
    body = rows[len(header) :]
    if block.continues is not None and before is not None:
        header, numeric, body = before.header, before.numeric, rows[block.continues.repeated_rows :]
    return TableTail(
        page=page.number,
        block_index=index,
        column_count=table.column_count,
        header=header,
        numeric=numeric & _number_columns(body),
        edges=_edges(block, page),
        is_plain=table.is_plain,
    )


def link_continued_table(page: Page, before: TableTail | None) -> Page:
    """Return the page with its first table linked to the table that it continues, or the page as it is.

    `before` is the tail of the previous page, None where that ends with no table.
    """
    index = first_table_index(page)
    if before is None or index is None or page.number != before.page + 1:
        return page
    block = page.blocks[index]
    repeated = _count_repeated_rows(block, page, before)
    if repeated is None:
        return page
    link = Continuation(page=before.page, block_index=before.block_index, repeated_rows=repeated)
    linked = block.model_copy(update={"continues": link})
    return page.model_copy(update={"blocks": (*page.blocks[:index], linked, *page.blocks[index + 1 :])})


def follow_tables(result: Page | PageFailure, before: TableTail | None) -> tuple[Page | PageFailure, TableTail | None]:
    """Link a page to the table of the previous page, and return it with the tail for the next page.

    Call it for each page in order, with the tail of the call before. A failed page has no tail.
    """
    if isinstance(result, PageFailure):
        return result, None
    page = link_continued_table(result, before)
    return page, table_tail(page, before)


def _count_repeated_rows(block: Block, page: Page, before: TableTail) -> int | None:
    """Return the number of header rows that a second part repeats; None if it is a table of its own.

    A part that does not repeat the header must lie between the same edges, and have numbers where the first part does.
    """
    table = block.table
    if block.label is not BlockLabel.TABLE or table is None or table.column_count != before.column_count:
        return None
    if table.is_plain is not before.is_plain or table.column_count < 2:
        return None
    rows = _grid_rows(table)
    if _letters_of_rows(rows[: len(before.header)]) == _letters_of_rows(before.header) and len(rows) > len(
        before.header
    ):
        return len(before.header)
    has_header = any(cell.is_header for cell in table.cells)
    goes_on = bool(before.numeric) and before.numeric <= _number_columns(rows[:1])
    return 0 if goes_on and not has_header and _have_same_edges(_edges(block, page), before.edges) else None


def _grid_rows(table: Table) -> list[tuple[str, ...]]:
    grid = [[""] * table.column_count for _ in range(table.row_count)]
    for cell in table.cells:
        grid[cell.row][cell.column] = cell.text
    return [tuple(row) for row in grid]


def _header_rows(table: Table, rows: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return the rows marked as header, or the first row, and the rows that a cell of the first row spans."""
    marked = [cell.row + cell.row_span for cell in table.cells if cell.is_header]
    first = [cell.row_span for cell in table.cells if cell.row == 0]
    return tuple(rows[: max([*marked, *first, 1])])


def _letters_of_rows(rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Reduce cells to letters and digits without case: a repeated header may differ in punctuation."""
    return [["".join(filter(str.isalnum, cell)).casefold() for cell in row] for row in rows]


def _number_columns(rows: Sequence[tuple[str, ...]]) -> frozenset[int]:
    """Return the 0-based columns that hold a number in one row at least, and nothing but numbers in all others."""
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


def _have_same_edges(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(a - b) <= MAX_EDGE_DISTANCE for a, b in zip(one, other, strict=True))
