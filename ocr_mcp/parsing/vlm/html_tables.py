"""HTML tables as grids.

Not `pandas.read_html`: it reads "2,08" as 208, the country "NA" as missing, and expands colspan=5000 (`charts.md`).
Ollama 0.30 and later drops the tokens `<td> </td> <tr> </tr>`, so that cells fuse; nobody can tell them apart again,
and such a table is reported instead of guessed (`ollama-deepseek-ocr.md`, fact 2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.parsed import Issues, issue
from ocr_mcp.parsing.vlm.markup import Element, inline_text, parse_fragment, tag_of

MAX_CELLS = 100_000
MAX_SPAN = 1000
"""As in the HTML standard."""

FUSED = issue(
    IssueCode.FUSED_TABLE,
    "A table came without its cell marks, so its cells cannot be told apart; its text is given as written. Ollama 0.30"
    " and later drops these marks from DeepSeek-OCR: 'ocr-mcp models retag' makes a copy of the model that keeps them.",
)
UNREADABLE = issue(IssueCode.BAD_TABLE, "A table has no cells, or too many of them; its source is given as written.")

_CELLS = frozenset({"td", "th"})
_ROW = re.compile(r"</?tr[\s>]", re.IGNORECASE)
_CELL = re.compile(r"<t[dh][\s>]", re.IGNORECASE)


@dataclass(frozen=True)
class _Cell:
    text: str
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False


_Row = list[_Cell]


def parse_table(html: str) -> tuple[Table | None, Issues]:
    """The grid of the first table in `html`; None, with the reason, when its cells cannot be told."""
    if is_fused(html):
        return None, (FUSED,)
    root = parse_fragment(html)
    table = place_cells(list(_rows(root))) if root is not None else None
    return (table, ()) if table is not None else (None, (UNREADABLE,))


def is_fused(html: str) -> bool:
    """Whether the marks of rows or cells are missing although there is text to put into cells."""
    has_text = bool(re.sub(r"<[^<>]*>", "", html).strip())
    return has_text and not (_CELL.search(html) and _ROW.search(html))


def place_cells(rows: list[_Row]) -> Table | None:
    """Put rows of cells onto a grid: spans clamped to it, a cell that would lie on another moved to the right."""
    placed: list[TableCell] = []
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            found = _placed(cell, row, column, len(rows), taken)
            taken.update(_covered(found))
            placed.append(found)
            column = found.column + found.column_span
            if len(taken) > MAX_CELLS:
                return None
    return _trimmed(placed)


def _placed(cell: _Cell, row: int, column: int, row_count: int, taken: set[tuple[int, int]]) -> TableCell:
    while (row, column) in taken:
        column += 1
    width = 1
    while width < cell.column_span and (row, column + width) not in taken:
        width += 1
    return TableCell(
        row=row,
        column=column,
        row_span=min(cell.row_span, row_count - row),
        column_span=width,
        text=cell.text,
        is_header=cell.is_header,
    )


def _covered(cell: TableCell) -> Iterator[tuple[int, int]]:
    for row in range(cell.row, cell.row + cell.row_span):
        for column in range(cell.column, cell.column + cell.column_span):
            yield row, column


def _trimmed(cells: list[TableCell]) -> Table | None:
    """The grid without the rows and columns at its end in which no cell begins: spans beyond them mean nothing."""
    if not cells:
        return None
    rows = max(cell.row for cell in cells) + 1
    columns = max(cell.column for cell in cells) + 1
    if rows * columns > MAX_CELLS:
        return None
    return Table(row_count=rows, column_count=columns, cells=tuple(_clamped(cell, rows, columns) for cell in cells))


def _clamped(cell: TableCell, rows: int, columns: int) -> TableCell:
    spans = {
        "row_span": min(cell.row_span, rows - cell.row),
        "column_span": min(cell.column_span, columns - cell.column),
    }
    return cell.model_copy(update=spans)


def _rows(root: Element) -> Iterator[_Row]:
    """The rows of the first table, in document order; a table inside a cell is that cell's text."""
    table = _first(root, "table")
    yield from _rows_within(root if table is None else table, in_head=False)


def _first(element: Element, tag: str) -> Element | None:
    for child in element:
        found = child if tag_of(child) == tag else _first(child, tag)
        if found is not None:
            return found
    return None


def _rows_within(element: Element, *, in_head: bool) -> Iterator[_Row]:
    """Text outside of cells becomes a row or a cell of its own: nothing that was written is lost."""
    yield from _stray_row(element.text)
    for child in element:
        tag = tag_of(child)
        if tag == "tr":
            yield list(_cells(child, in_head=in_head))
        elif tag in _CELLS:
            yield [_cell(child, in_head=in_head)]
        elif tag == "caption":
            yield from _stray_row(inline_text(child))
        else:
            yield from _rows_within(child, in_head=in_head or tag == "thead")
        yield from _stray_row(child.tail)


def _stray_row(text: str | None) -> Iterator[_Row]:
    if text and text.strip():
        yield [_Cell(" ".join(text.split()))]


def _cells(row: Element, *, in_head: bool) -> Iterator[_Cell]:
    for stray in _stray_row(row.text):
        yield from stray
    for child in row:
        text = inline_text(child)
        if tag_of(child) in _CELLS or text:
            yield _cell(child, in_head=in_head)
        for stray in _stray_row(child.tail):
            yield from stray


def _cell(element: Element, *, in_head: bool) -> _Cell:
    return _Cell(
        text=inline_text(element),
        row_span=_span(element.get("rowspan")),
        column_span=_span(element.get("colspan")),
        is_header=in_head or tag_of(element) == "th",
    )


def _span(value: str | None) -> int:
    digits = re.match(r"\s*(\d{1,6})", value or "")
    return min(max(int(digits[1]), 1), MAX_SPAN) if digits else 1
