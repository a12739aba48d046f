"""Parses HTML tables into grids of cells.

`pandas.read_html` is not used: it reads "2,08" as 208 and the country "NA" as missing, and it expands colspan=5000.
Ollama 0.30 and later drops the tokens `<td>`, `</td>`, `<tr>` and `</tr>` from answers, so that the texts of cells fuse
and cannot be told apart; such a table is reported, and its cells are not guessed (docs/engines.md, "Ollama").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.parsed import Issues, issue
from ocr_mcp.parsing.vlm.markup import Element, inline_text, parse_fragment, tag_of

MAX_CELLS = 100_000
"""Places of a grid above which a table counts as unreadable; spans can make a short source a huge grid."""

MAX_SPAN = 1000
"""Largest row or column span. The HTML standard clamps column spans to the same number."""

FUSED = issue(
    IssueCode.FUSED_TABLE,
    "A table came without its cell marks, so its cells cannot be told apart; its text is given as written. Ollama 0.30"
    " and later drops these marks from DeepSeek-OCR: 'ocr-mcp models retag' makes a copy of the model that keeps them.",
)
UNREADABLE = issue(IssueCode.BAD_TABLE, "A table has no cells, or too many of them; its source is given as written.")

_CELL_TAGS = frozenset({"td", "th"})
_ROW_MARK = re.compile(r"</?tr[\s>]", re.IGNORECASE)
_CELL_MARK = re.compile(r"<t[dh][\s>]", re.IGNORECASE)


@dataclass(frozen=True)
class _HtmlCell:
    text: str
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False


_HtmlRow = list[_HtmlCell]


def parse_table(html: str) -> tuple[Table | None, Issues]:
    """Return the grid of the first table in `html`, or None with an issue if its cells cannot be told apart."""
    if _is_fused(html):
        return None, (FUSED,)
    root = parse_fragment(html)
    table = _place_cells(list(_table_rows(root))) if root is not None else None
    return (table, ()) if table is not None else (None, (UNREADABLE,))


def _is_fused(html: str) -> bool:
    """Return True if there is text, but no mark of a row or none of a cell."""
    has_text = bool(re.sub(r"<[^<>]*>", "", html).strip())
    return has_text and not (_CELL_MARK.search(html) and _ROW_MARK.search(html))


def _place_cells(rows: list[_HtmlRow]) -> Table | None:
    """Put rows of cells onto a grid, without overlap: a cell whose place is taken moves to the right.

    Spans are clamped to the grid and end where another cell begins. Return None for too many cells, or none.
    """
    placed: list[TableCell] = []
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            found = _place_cell(cell, row, column, len(rows), taken)
            taken.update(_covered_places(found))
            placed.append(found)
            column = found.column + found.column_span
            if len(taken) > MAX_CELLS:
                return None
    return _build_trimmed(placed)


def _place_cell(cell: _HtmlCell, row: int, column: int, row_count: int, taken: set[tuple[int, int]]) -> TableCell:
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


def _covered_places(cell: TableCell) -> Iterator[tuple[int, int]]:
    for row in range(cell.row, cell.row + cell.row_span):
        for column in range(cell.column, cell.column + cell.column_span):
            yield row, column


def _build_trimmed(cells: list[TableCell]) -> Table | None:
    """Build the grid without rows and columns at its end in which no cell begins: only spans reach into them."""
    if not cells:
        return None
    rows = max(cell.row for cell in cells) + 1
    columns = max(cell.column for cell in cells) + 1
    if rows * columns > MAX_CELLS:
        return None
    return Table(row_count=rows, column_count=columns, cells=tuple(_clamp_spans(cell, rows, columns) for cell in cells))


def _clamp_spans(cell: TableCell, rows: int, columns: int) -> TableCell:
    spans = {
        "row_span": min(cell.row_span, rows - cell.row),
        "column_span": min(cell.column_span, columns - cell.column),
    }
    return cell.model_copy(update=spans)


def _table_rows(root: Element) -> Iterator[_HtmlRow]:
    """Yield the rows of the first table, in document order; a table inside a cell is that cell's text."""
    table = _find_first(root, "table")
    yield from _rows_within(root if table is None else table, in_head=False)


def _find_first(element: Element, tag: str) -> Element | None:
    for child in element:
        found = child if tag_of(child) == tag else _find_first(child, tag)
        if found is not None:
            return found
    return None


def _rows_within(element: Element, *, in_head: bool) -> Iterator[_HtmlRow]:
    """Yield the rows under an element. Text outside of cells becomes a row of its own, so that none is lost."""
    yield from _stray_row(element.text)
    for child in element:
        tag = tag_of(child)
        if tag == "tr":
            yield list(_cells(child, in_head=in_head))
        elif tag in _CELL_TAGS:
            yield [_cell(child, in_head=in_head)]
        elif tag == "caption":
            yield from _stray_row(inline_text(child))
        else:
            yield from _rows_within(child, in_head=in_head or tag == "thead")
        yield from _stray_row(child.tail)


def _stray_row(text: str | None) -> Iterator[_HtmlRow]:
    if text and text.strip():
        yield [_HtmlCell(" ".join(text.split()))]


def _cells(row: Element, *, in_head: bool) -> Iterator[_HtmlCell]:
    for stray in _stray_row(row.text):
        yield from stray
    for child in row:
        text = inline_text(child)
        if tag_of(child) in _CELL_TAGS or text:
            yield _cell(child, in_head=in_head)
        for stray in _stray_row(child.tail):
            yield from stray


def _cell(element: Element, *, in_head: bool) -> _HtmlCell:
    return _HtmlCell(
        text=inline_text(element),
        row_span=_span(element.get("rowspan")),
        column_span=_span(element.get("colspan")),
        is_header=in_head or tag_of(element) == "th",
    )


def _span(value: str | None) -> int:
    """Read a span as browsers do: leading digits count, and anything else is 1."""
    digits = re.match(r"\s*(\d{1,6})", value or "")
    return min(max(int(digits[1]), 1), MAX_SPAN) if digits else 1
