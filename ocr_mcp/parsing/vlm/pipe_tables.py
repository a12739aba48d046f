"""Parses tables of `|` as in Markdown, with or without the line of dashes, which PaddleOCR-VL does not write."""

import re

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.parsing.parsed import Issues
from ocr_mcp.parsing.vlm.html_tables import MAX_CELLS, UNREADABLE

_SEPARATOR = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_BAR = re.compile(r"(?<!\\)\|")


def parse_pipe_table(text: str) -> tuple[Table | None, Issues]:
    """Return the grid of a pipe table, or None with an issue. The row above a line of dashes is a header."""
    lines = [line for line in text.splitlines() if line.strip()]
    header_rows = 1 if len(lines) > 1 and is_separator(lines[1]) else 0
    rows = [split_row(line) for index, line in enumerate(lines) if not (header_rows and index == 1)]
    columns = max((len(row) for row in rows), default=0)
    if not columns or len(rows) * columns > MAX_CELLS:
        return None, (UNREADABLE,)
    cells = (
        TableCell(row=r, column=c, text=value, is_header=r < header_rows)
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
    )
    return Table(row_count=len(rows), column_count=columns, cells=tuple(cells)), ()


def is_row(line: str) -> bool:
    """Return True for a line that looks like a row: it begins with a bar and has another one."""
    line = line.strip()
    return line.startswith("|") and len(_BAR.findall(line)) > 1


def is_separator(line: str) -> bool:
    """Return True for the line of dashes under a header."""
    return "|" in line and "-" in line and _SEPARATOR.fullmatch(line) is not None


def split_row(line: str) -> list[str]:
    """Split a row into its cells. `<br>` becomes a line break, and `\\|` a bar."""
    line = line.strip().removeprefix("|")
    if _BAR.search(line[-1:]) and not line.endswith("\\|"):
        line = line[:-1]
    return [re.sub(r"<br\s*/?>", "\n", cell.strip()).replace("\\|", "|") for cell in _BAR.split(line)]
