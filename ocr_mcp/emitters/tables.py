"""Tables as Markdown, HTML and tab-separated lines."""

import html
import re

from ocr_mcp.emitters.maths import dollar_maths
from ocr_mcp.model.blocks import Table, TableCell

_KEPT_TAGS = re.compile(r"&lt;(/?su[bp])&gt;")


def table_to_markdown(table: Table) -> str:
    """A pipe table where Markdown can say it; HTML for spans and for cells of several lines."""
    return _pipes(table) if table.is_plain else table_to_html(table)


def table_rows_to_markdown(table: Table, *, skip: int, mark: str) -> str:
    """The rows of a plain table from the row `skip` on, to stand below another's; `mark` is put before the first cell.

    Empty if there are none.
    """
    rows = table_grid(table)[skip:]
    if rows:
        rows[0][0] = f"{mark} {rows[0][0]}".rstrip()
    return "\n".join(map(_pipe_row, rows))


def table_to_html(table: Table) -> str:
    """One row a line. Sub- and superscripts stay markup, all else is escaped."""
    rows = ("".join(_html_cell(cell) for cell in row) for row in _rows(table))
    return "\n".join(["<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>"])


def table_grid(table: Table) -> list[list[str]]:
    """The texts on the full grid; a cell that spans stands at its top left, the rest is blank."""
    grid = [[""] * table.column_count for _ in range(table.row_count)]
    for cell in table.cells:
        grid[cell.row][cell.column] = cell.text
    return grid


def _rows(table: Table) -> list[list[TableCell]]:
    rows: list[list[TableCell]] = [[] for _ in range(table.row_count)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    return rows


def _pipes(table: Table) -> str:
    """Markdown knows only tables with a header: the first row is it."""
    header, *body = (_pipe_row(row) for row in table_grid(table))
    return "\n".join([header, "|" + " --- |" * table.column_count, *body])


def _pipe_row(cells: list[str]) -> str:
    escaped = (dollar_maths(cell).replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(escaped) + " |"


def _html_cell(cell: TableCell) -> str:
    tag = "th" if cell.is_header else "td"
    rows = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    columns = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    text = _KEPT_TAGS.sub(r"<\1>", html.escape(dollar_maths(cell.text), quote=False))
    return f"<{tag}{rows}{columns}>{text.replace(chr(10), '<br>')}</{tag}>"
