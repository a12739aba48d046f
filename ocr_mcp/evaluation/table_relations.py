"""Find the cells beside, above and below a cell, and its headings, as olmOCR-bench does."""

import re
from collections.abc import Callable, Iterator

from ocr_mcp.evaluation.tables import parse_grid
from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.vlm.pipe_tables import is_separator, split_row

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL | re.IGNORECASE)

FindNeighbours = Callable[[int], set[int]]


class TableCells:
    """A table whose cells are known by their 0-based index in `texts`."""

    def __init__(self, table: Table, headings: set[int]) -> None:
        self.texts = [cell.text for cell in table.cells]
        self._cells = table.cells
        self._headings = headings
        self._at: dict[tuple[int, int], int] = {}
        for index, cell in enumerate(table.cells):
            self._at.update(dict.fromkeys(_list_places(cell), index))
        self._rows, self._columns = table.row_count, table.column_count

    def find_above(self, index: int) -> set[int]:
        """Return the nearest cell above in each column of the cell."""
        cell = self._cells[index]
        return self._find_nearest(
            [[(row, column) for row in range(cell.row - 1, -1, -1)] for column in _list_columns(cell)]
        )

    def find_below(self, index: int) -> set[int]:
        """Return the nearest cell below in each column of the cell."""
        cell = self._cells[index]
        rows = range(cell.row + cell.row_span, self._rows)
        return self._find_nearest([[(row, column) for row in rows] for column in _list_columns(cell)])

    def find_left(self, index: int) -> set[int]:
        """Return the nearest cell to the left in each row of the cell."""
        cell = self._cells[index]
        return self._find_nearest(
            [[(row, column) for column in range(cell.column - 1, -1, -1)] for row in _list_rows(cell)]
        )

    def find_right(self, index: int) -> set[int]:
        """Return the nearest cell to the right in each row of the cell."""
        cell = self._cells[index]
        columns = range(cell.column + cell.column_span, self._columns)
        return self._find_nearest([[(row, column) for column in columns] for row in _list_rows(cell)])

    def find_top_headings(self, index: int) -> set[int]:
        """Return the headings above the cell, or the topmost cells where there is none."""
        return self._find_headings(index, self.find_above)

    def find_left_headings(self, index: int) -> set[int]:
        """Return the headings to the left of the cell, or the leftmost cells where there is none."""
        return self._find_headings(index, self.find_left)

    def _find_nearest(self, lines: list[list[tuple[int, int]]]) -> set[int]:
        found = (next((self._at[place] for place in line if place in self._at), None) for line in lines)
        return {index for index in found if index is not None}

    def _find_headings(self, index: int, neighbours: FindNeighbours) -> set[int]:
        seen, to_visit, ends = set[int](), {index}, set[int]()
        while to_visit:
            current = to_visit.pop()
            seen.add(current)
            beyond = neighbours(current)
            to_visit |= beyond - seen
            if not beyond:
                ends.add(current)
        return ((seen & self._headings) - {index}) or ends - {index}


def _list_places(cell: TableCell) -> Iterator[tuple[int, int]]:
    return ((row, column) for row in _list_rows(cell) for column in _list_columns(cell))


def _list_rows(cell: TableCell) -> range:
    return range(cell.row, cell.row + cell.row_span)


def _list_columns(cell: TableCell) -> range:
    return range(cell.column, cell.column + cell.column_span)


def find_tables(markdown: str, *, pipes: bool = True) -> Iterator[TableCells]:
    """Yield the tables of a page: pipe tables (unless `pipes` is False), then those in HTML."""
    if pipes:
        for rows in _find_pipe_tables(markdown):
            table = _build_table(rows)
            yield TableCells(table, {i for i, cell in enumerate(table.cells) if cell.row == 0 or cell.column == 0})
    for found in _TABLE.finditer(markdown):
        if table := parse_grid(found[0]):
            yield TableCells(table, {index for index, cell in enumerate(table.cells) if cell.is_header})


def _find_pipe_tables(markdown: str) -> Iterator[list[list[str]]]:
    """Yield the rows of each place where two or more lines, one after the other, have a bar."""
    block: list[str] = []
    for line in [*markdown.strip().split("\n"), ""]:
        if "|" in line:
            block.append(line)
            continue
        rows = [split_row(row) for row in block if not is_separator(row)]
        if len(block) > 1 and rows:
            yield rows
        block = []


def _build_table(rows: list[list[str]]) -> Table:
    cells = (TableCell(row=r, column=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row))
    return Table(row_count=len(rows), column_count=max(map(len, rows)), cells=tuple(cells))
