"""Headers that stand over several columns, and headers of several lines."""

from collections.abc import Sequence
from functools import reduce
from statistics import median

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.table_rows import TableRow, has_digit, list_lines

MAX_CENTRE_OFFSET_RATIO = 0.35
"""Of a column's width: how far the middle of a header may lie from the middle of the columns that it heads."""

MAX_WORD_SPACE_RATIO = 0.6
"""Of a line's height."""

MAX_STACKED_STEP_RATIO = 1.6
"""Line heights from middle to middle between two lines of one cell."""

ColumnExtents = Sequence[tuple[float, float] | None]
"""Left and right of the text of each column, None where only spanning cells stand in it."""


def widen_headers(
    rows: Sequence[TableRow], cuts: Sequence[float], rules: Sequence[BoundingBox], count: int | None = None
) -> list[TableRow]:
    """The rows of a table with the cells of its header widened over what they head, and their lines put together.

    `rules` are flat rules that do not go all across. `count` is how many rows the header has; None: those before the
    first with numbers.
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
    """The rows before the first that is mostly numbers; none if it is not known."""
    for index, row in enumerate(rows[:5]):
        cells = [line for line in list_lines([row]) if line is not list_lines([row])[0]]
        if cells and sum(has_digit(line.text) for line in cells) * 2 > len(cells):
            return index
    return 0


def _measure_extents(rows: Sequence[TableRow], column_count: int) -> ColumnExtents:
    extents: list[tuple[float, float] | None] = []
    for column in range(column_count):
        boxes = [line.box for row in rows for line, span in row.get(column, []) if span == 1]
        extents.append((median(b.left for b in boxes), median(b.right for b in boxes)) if boxes else None)
    return extents


def _widen_cells(row: TableRow, below: TableRow, extents: ColumnExtents, rules: Sequence[BoundingBox]) -> TableRow:
    """Each cell over the columns of the rule at it, or over the free columns in whose middle it stands."""
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
    """Cells that a word space parts, put together: a header over several columns is found in pieces."""
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
    """Whether two cells are one: a word space apart, and one of them over several columns."""
    left, right = cells[-1][0].box, more[0][0].box
    wide = max(span for _, span in (*cells, *more)) > 1
    return wide and right.left - left.right < MAX_WORD_SPACE_RATIO * min(left.height, right.height)


def _find_ruled_columns(
    box: BoundingBox, extents: ColumnExtents, rules: Sequence[BoundingBox]
) -> tuple[int, int] | None:
    """The columns over the rule that stands under a header, or under the rule above it."""
    centre, middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    at = [r for r in rules if r.left <= centre <= r.right and abs(r.top - middle) < 1.7 * box.height]
    for rule in sorted(at, key=lambda rule: (rule.top < middle, abs(rule.top - middle))):
        middles = [(index, sum(extent) / 2) for index, extent in enumerate(extents) if extent is not None]
        covered = [index for index, place in middles if rule.left <= place <= rule.right]
        if len(covered) > 1 and (rule.top > middle or _is_centred(centre, covered[0], covered[-1], extents)):
            return covered[0], covered[-1]
    return None


def _find_centred_columns(
    row: TableRow, first: int, last: int, box: BoundingBox, below: TableRow, extents: ColumnExtents
) -> tuple[int, int]:
    """The widest free columns around a header that it stands in the middle of, all with a header of their own below."""
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
    return any(start <= column < start + max(span for _, span in cells) for start, cells in row.items())


def _is_centred(centre: float, first: int, last: int, extents: ColumnExtents) -> bool:
    a, b = extents[first], extents[last]
    if a is None or b is None:
        return False
    width = (b[1] - a[0]) / (last - first + 1)
    return abs(centre - (a[0] + b[1]) / 2) < MAX_CENTRE_OFFSET_RATIO * width


def _absorb_continuations(above: TableRow, row: TableRow, rules: Sequence[BoundingBox]) -> TableRow:
    """What is left of a header's row when the lines that go on with a cell above are taken into that."""
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
    """Whether a cell is the next line of the one above: as wide, near, and without a rule between."""
    over = above.get(column)
    if over is None or max(span for _, span in over) > 1 or max(span for _, span in cells) > 1:
        return False
    upper, lower = over[-1][0], cells[0][0]
    near = lower.middle - upper.middle < MAX_STACKED_STEP_RATIO * min(upper.box.height, lower.box.height)
    return near and not any(
        upper.middle < rule.top < lower.middle and rule.left < lower.box.right and lower.box.left < rule.right
        for rule in rules
    )
