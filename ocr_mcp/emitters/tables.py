"""Writes tables as Markdown and HTML, and as grids of texts."""

import html
import re

from ocr_mcp.emitters.maths import dollar_maths
from ocr_mcp.model.blocks import Table, TableCell

_KEPT_TAGS = re.compile(r"&lt;(/?su[bp])&gt;")


def table_to_markdown(table: Table) -> str:
    """Return a pipe table; HTML for a table with spans or with cells of several lines, which Markdown cannot show."""
    return _table_to_pipes(table) if table.is_plain else table_to_html(table)


def table_rows_to_markdown(table: Table, *, skip: int, mark: str) -> str:
    """Return the rows of a plain table without the first `skip`, to stand below those of another table.

    `mark` is put before the text of the first cell. The result is empty if no rows are left.
    """
    rows = table_grid(table)[skip:]
    if rows:
        rows[0][0] = f"{mark} {rows[0][0]}".rstrip()
    return "\n".join(map(_row_to_pipes, rows))


def table_to_html(table: Table) -> str:
    """Return an HTML table, one row on each line. `<sub>` and `<sup>` stay markup, all else is escaped."""
    rows = ("".join(_cell_to_html(cell) for cell in row) for row in _cells_by_row(table))
    return "\n".join(["<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>"])


def table_grid(table: Table) -> list[list[str]]:
    """Return the texts row by row on the full grid; a spanning cell has its text at its top left, the rest is empty."""
    grid = [[""] * table.column_count for _ in range(table.row_count)]
    for cell in table.cells:
        grid[cell.row][cell.column] = cell.text
    return grid


def _cells_by_row(table: Table) -> list[list[TableCell]]:
    rows: list[list[TableCell]] = [[] for _ in range(table.row_count)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    return rows


def _table_to_pipes(table: Table) -> str:
    """Return a pipe table. Its first row becomes the header, because Markdown has no tables without one."""
    header, *body = (_row_to_pipes(row) for row in table_grid(table))
    return "\n".join([header, "|" + " --- |" * table.column_count, *body])


def _row_to_pipes(cells: list[str]) -> str:
    escaped = (dollar_maths(cell).replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(escaped) + " |"


def _cell_to_html(cell: TableCell) -> str:
    tag = "th" if cell.is_header else "td"
    rows = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    columns = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    text = _KEPT_TAGS.sub(r"<\1>", html.escape(dollar_maths(cell.text), quote=False))
    return f"<{tag}{rows}{columns}>{text.replace(chr(10), '<br>')}</{tag}>"
