"""Find headers that stand over several columns, and headers of several lines."""

from collections.abc import Sequence
from functools import reduce
from statistics import median

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.table_rows import TableRow, has_digit, list_lines

MAX_CENTRE_OFFSET_RATIO = 0.35
"""Distance of the middle of a header from the middle of the columns that it heads, as a part of a column's width."""

MAX_WORD_SPACE_RATIO = 0.6
"""Largest space between two words, as a part of the line height."""

MAX_STACKED_STEP_RATIO = 1.6
"""Largest distance from middle to middle of two lines of one cell, as a multiple of the line height."""

ColumnExtents = Sequence[tuple[float, float] | None]
"""Median left and right in pixels of the text of each column; None where only cells that span columns stand in it."""


def widen_headers(
    rows: Sequence[TableRow], cuts: Sequence[float], rules: Sequence[BoundingBox], count: int | None = None
) -> list[TableRow]:
    """Return the rows of a table with its header cells widened over the columns that they head.

    Lines of one header cell are put together. `rules` are flat rules that do not go all across. `count` is the number
    of header rows; None: those before the first with numbers.
    """
    count = count_header_rows(rows) if count is None else count
    extents = _measure_extents(rows, len(cuts) + 1)
    head: list[TableRow] = []
    for index, row in enumerate(rows[:count]):
        rest = _absorb_continuations(head[-1], _join_phrases(row), rules) if head else _join_phrases(row)
        if rest:
            head.append(_widen_cells(rest, rows[index + 1], extents, rules) if index + 1 < len(rows) else rest)
    return [*head, *rows[count:]]


def count_header_rows(rows: Sequence[TableRow]) -> int:
    """Return the number of rows before the first that is mostly numbers, or 0 if that is not among the first five.

    The first cell of a row, which names it, does not count.
    """
    for index, row in enumerate(rows[:5]):
        cells = [line for line in list_lines([row]) if line is not list_lines([row])[0]]
        if cells and sum(has_digit(line.text) for line in cells) * 2 > len(cells):
            return index
    return 0


def _measure_extents(rows: Sequence[TableRow], column_count: int) -> ColumnExtents:
    """Return the median left and right of the cells of each column that span no other."""
    extents: list[tuple[float, float] | None] = []
    for column in range(column_count):
        boxes = [line.box for row in rows for line, span in row.get(column, []) if span == 1]
        extents.append((median(b.left for b in boxes), median(b.right for b in boxes)) if boxes else None)
    return extents


def _widen_cells(row: TableRow, below: TableRow, extents: ColumnExtents, rules: Sequence[BoundingBox]) -> TableRow:
    """Widen each cell over the columns of the rule at it, else over the free columns in whose middle it stands.

    A cell that would then cover another keeps its columns.
    """
    result: TableRow = {}
    for column, cells in row.items():
        span = max(span for _, span in cells)
        box = reduce(BoundingBox.union, (line.box for line, _ in cells))
        first, last = _find_ruled_columns(box, extents, rules) or _find_centred_columns(
            row, column, column + span - 1, box, below, extents
        )
        if any(other in row and other != column for other in range(first, last + 1)) or first in result:
            first, last = column, column + span - 1
        result[first] = [(line, last - first + 1) for line, _ in cells]
    return result


def _join_phrases(row: TableRow) -> TableRow:
    """Join cells that a word space parts: detectors find a header over several columns in pieces."""
    result: TableRow = {}
    last = -1
    for column in sorted(row):
        if last >= 0 and _is_one_phrase(result[last], row[column]):
            end = column + max(span for _, span in row[column])
            result[last] = [(line, end - last) for line, _ in (*result[last], *row[column])]
        else:
            result[column], last = row[column], column
    return result


def _is_one_phrase(cells: Sequence[tuple[PageLine, int]], more: Sequence[tuple[PageLine, int]]) -> bool:
    """Tell whether two cells are one: a word space apart, and one of them over several columns."""
    left, right = cells[-1][0].box, more[0][0].box
    wide = max(span for _, span in (*cells, *more)) > 1
    return wide and right.left - left.right < MAX_WORD_SPACE_RATIO * min(left.height, right.height)


def _find_ruled_columns(
    box: BoundingBox, extents: ColumnExtents, rules: Sequence[BoundingBox]
) -> tuple[int, int] | None:
    """Return the first and last column over the rule under a header, or under the rule above it; None without one."""
    centre, middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    at = [r for r in rules if r.left <= centre <= r.right and abs(r.top - middle) < 1.7 * box.height]
    # Rules below the header come first, then the nearer ones: a rule under a header shows its columns.
    for rule in sorted(at, key=lambda rule: (rule.top < middle, abs(rule.top - middle))):
        middles = [(index, sum(extent) / 2) for index, extent in enumerate(extents) if extent is not None]
        covered = [index for index, place in middles if rule.left <= place <= rule.right]
        if len(covered) > 1 and (rule.top > middle or _is_centred(centre, covered[0], covered[-1], extents)):
            return covered[0], covered[-1]
    return None


def _find_centred_columns(
    row: TableRow, first: int, last: int, box: BoundingBox, below: TableRow, extents: ColumnExtents
) -> tuple[int, int]:
    """Return the first and last of the widest run of free columns that a header stands in the middle of.

    Each of these columns has a header of its own below; without such columns the header keeps its own.
    """
    centre = (box.left + box.right) / 2
    left, right = first, last
    while left > 0 and left - 1 in below and not _is_taken(row, left - 1):
        left -= 1
    while right + 1 < len(extents) and right + 1 in below and not _is_taken(row, right + 1):
        right += 1
    candidates = [
        (a, b)
        for a in range(left, first + 1)
        for b in range(last, right + 1)
        if b > a and all(column in below for column in range(a, b + 1)) and _is_centred(centre, a, b, extents)
    ]
    return max(candidates, key=lambda pair: pair[1] - pair[0], default=(first, last))


def _is_taken(row: TableRow, column: int) -> bool:
    """Tell whether a cell of the row covers a column."""
    return any(start <= column < start + max(span for _, span in cells) for start, cells in row.items())


def _is_centred(centre: float, first: int, last: int, extents: ColumnExtents) -> bool:
    """Tell whether x is near the middle of the columns `first` to `last`; False where an outer one has no text."""
    a, b = extents[first], extents[last]
    if a is None or b is None:
        return False
    width = (b[1] - a[0]) / (last - first + 1)
    return abs(centre - (a[0] + b[1]) / 2) < MAX_CENTRE_OFFSET_RATIO * width


def _absorb_continuations(above: TableRow, row: TableRow, rules: Sequence[BoundingBox]) -> TableRow:
    """Move the lines that continue a cell of `above` into it, and return the rest of the row. `above` is changed."""
    rest: TableRow = {}
    for column, cells in row.items():
        if _continues_cell(above, column, cells, rules):
            above[column] = above[column] + cells
        else:
            rest[column] = cells
    return rest


def _continues_cell(
    above: TableRow, column: int, cells: Sequence[tuple[PageLine, int]], rules: Sequence[BoundingBox]
) -> bool:
    """Tell whether a cell is the next line of the one above: neither spans columns, near, and no rule between."""
    over = above.get(column)
    if over is None or max(span for _, span in over) > 1 or max(span for _, span in cells) > 1:
        return False
    upper, lower = over[-1][0], cells[0][0]
    near = lower.middle - upper.middle < MAX_STACKED_STEP_RATIO * min(upper.box.height, lower.box.height)
    return near and not any(
        upper.middle < rule.top < lower.middle and rule.left < lower.box.right and lower.box.left < rule.right
        for rule in rules
    )
