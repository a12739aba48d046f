"""White stripes between columns, and the lines that stand beside and across them.

`line_height` is the height in pixels of the body's lines; thresholds named `_LINE_HEIGHTS` are multiples of it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.parsing.layout.page_lines import PageLine, PageLines, Span, inner_x, overlap

MIN_GUTTER_LINE_HEIGHTS = 0.25
"""Smallest width of a gutter. It is small because detectors draw boxes too large, which narrows the white between
them."""

WIDE_GUTTER_LINE_HEIGHTS = 1.0
"""Width from which a gutter cannot be a gap between words."""

MIN_LINES_AT_WIDE_GUTTER, MIN_LINES_AT_NARROW_GUTTER = 2, 5
"""Lines that must stand on each side of a wide gutter, and of a narrow one, which could be a gap between words."""

MAX_ROW_OFFSET_LINE_HEIGHTS = 0.25
"""Distance by which cells of one row may be out of level, after the skew of the page is taken off."""

MAX_STEP_DEVIATION_RATIO, MAX_STEP_RATIO = 0.12, 1.1
"""Deviation from the median step, as a part of it, up to which the lines of a column stand at even distances; and
factor from which the even steps of two columns differ."""

MAX_NEIGHBOUR_DISTANCE_LINES = 12
"""Number of lines that are searched upwards and downwards for the neighbours of a line: two rows of six columns."""

MIN_PROSE_WIDTH_LINE_HEIGHTS = 8
"""Width from which a line is prose rather than a cell: about 18 characters."""


def find_gutters(lines: PageLines, line_height: float) -> list[Span]:
    """Return the white stripes from top to bottom that have text on both sides, as left and right in pixels.

    The number of lines beside a stripe does not matter; `find_supported_gutters` asks for enough of them.
    """
    found: list[Span] = []
    end: float | None = None
    for left, right in sorted(map(inner_x, lines)):
        if end is not None and left - end >= MIN_GUTTER_LINE_HEIGHTS * line_height:
            found.append((end, left))
        end = right if end is None else max(end, right)
    return found


def find_supported_gutters(lines: PageLines, line_height: float) -> list[Span]:
    """Return the gutters with so many lines on both sides that they are no gaps between words."""
    return [gutter for gutter in find_gutters(lines, line_height) if _is_supported(gutter, lines, line_height)]


def _is_supported(gutter: Span, lines: PageLines, line_height: float) -> bool:
    """Tell whether enough lines stand on both sides of a gutter; no line crosses it, so the others are to its right."""
    left = sum(inner_x(line)[1] <= gutter[0] for line in lines)
    wide = gutter[1] - gutter[0] >= WIDE_GUTTER_LINE_HEIGHTS * line_height
    return min(left, len(lines) - left) >= (MIN_LINES_AT_WIDE_GUTTER if wide else MIN_LINES_AT_NARROW_GUTTER)


def find_crossed_stripe(lines: PageLines, line_height: float) -> tuple[Span, PageLines]:
    """Return the stripe that the fewest lines cross, and these lines from top to bottom.

    A stripe is as wide as the smallest gutter. At least one line and at most a seventh of all cross it, and on each
    side stand at least three lines and a sixth of all. Without such a stripe the list is empty.
    """
    spans = [inner_x(line) for line in lines]
    lefts, rights = sorted(left for left, _ in spans), sorted(right for _, right in spans)
    best: tuple[int, Span] | None = None
    # A best stripe can always be moved left until a line ends at it, so only right edges are tried.
    for start in dict.fromkeys(rights):
        end = start + MIN_GUTTER_LINE_HEIGHTS * line_height
        left, right = bisect_right(rights, start), len(lines) - bisect_left(lefts, end)
        crossing = len(lines) - left - right
        few = 0 < crossing <= len(lines) / 7 and min(left, right) >= max(3, len(lines) / 6)
        if few and (best is None or crossing < best[0]):
            best = crossing, (start, end)
    if best is None:
        return (0.0, 0.0), []
    stripe = best[1]
    crossed = [line for line, span in zip(lines, spans, strict=True) if overlap(span, stripe) > 0]
    return stripe, sorted(crossed, key=lambda line: line.middle)


def find_insets(lines: PageLines, line_height: float) -> PageLines:
    """Return the lines set into the gutter between two columns of prose, such as a caption or a quotation.

    They reach into both columns and have lines of prose level with them on both sides.
    """
    if find_supported_gutters(lines, line_height):
        return []
    stripe, crossing = find_crossed_stripe(lines, line_height)
    left = [line for line in lines if inner_x(line)[1] <= stripe[0]]
    right = [line for line in lines if inner_x(line)[0] >= stripe[1]]
    if not crossing or not (is_prose(left, line_height) and is_prose(right, line_height)):
        return []
    across = [
        line
        for line in crossing
        if inner_x(line)[0] < stripe[0] - line_height and inner_x(line)[1] > stripe[1] + line_height
    ]
    return [
        line
        for line in across
        if _has_level_line(line, left, line_height) and _has_level_line(line, right, line_height)
    ]


def _has_level_line(line: PageLine, column: PageLines, line_height: float) -> bool:
    """Tell whether a column has a line as wide as prose within one line height of `line`."""
    beside = (other for other in column if abs(other.middle - line.middle) < line_height)
    return any(other.box.width >= MIN_PROSE_WIDTH_LINE_HEIGHTS * line_height for other in beside)


def are_read_by_row(columns: Sequence[PageLines], line_height: float) -> bool:
    """Tell whether cells side by side belong together more than cells below each other.

    Two columns of prose are each read to the end. Other columns are read by row if at least 70 % of the cells of the
    shorter ones stand level with a cell of the longest.
    """
    if sum(is_prose(column, line_height) for column in columns) > 1:
        return False
    longest = max(columns, key=len)
    if any(_have_different_steps(column, longest) for column in columns):
        return False
    offsets = [_measure_offset(line, longest) for column in columns if column is not longest for line in column]
    # On a skewed page all cells of a column are off by about the same amount, so only the deviation from it counts.
    usual = median(offsets)
    return sum(abs(offset - usual) < MAX_ROW_OFFSET_LINE_HEIGHTS * line_height for offset in offsets) >= 0.7 * len(
        offsets
    )


def are_paired_columns(left: PageLines, right: PageLines, line_height: float) -> bool:
    """Tell whether two neighbouring columns are names and values.

    Each has three lines or more, none is prose, and they are level with each other.
    """
    enough = min(len(left), len(right)) >= 3
    return (
        enough
        and not any(is_prose(column, line_height) for column in (left, right))
        and are_read_by_row((left, right), line_height)
    )


def _have_different_steps(a: PageLines, b: PageLines) -> bool:
    """Tell whether both columns have even but different steps from line to line, as an address beside dates has."""
    steps_of_both = _measure_step(a), _measure_step(b)
    return all(steps_of_both) and max(steps_of_both) > MAX_STEP_RATIO * min(steps_of_both)


def _measure_step(column: PageLines) -> float:
    """Return the distance in pixels from line to line of a column; 0 with under four lines or where it is uneven."""
    middles = sorted(line.middle for line in column)
    steps = [b - a for a, b in pairwise(middles)]
    usual = median(steps) if len(steps) >= 3 else 0.0
    return usual if all(abs(step - usual) < MAX_STEP_DEVIATION_RATIO * usual for step in steps) else 0.0


def _measure_offset(line: PageLine, column: PageLines) -> float:
    """Return how many pixels lower a line stands than the line of a column that is nearest in height."""
    nearest = min(column, key=lambda other: abs(line.middle - other.middle))
    return line.middle - nearest.middle


def holds_prose_columns(lines: PageLines, line_height: float) -> bool:
    """Tell whether the lines stand in two or more columns of prose."""
    middles = [(left + right) / 2 for left, right in find_supported_gutters(lines, line_height)]
    return sum(is_prose(column, line_height) for column in split_columns(lines, middles)) > 1


def split_columns(lines: PageLines, gutters: Sequence[float]) -> list[PageLines]:
    """Return the lines of each column that is not empty, from left to right.

    `gutters` are the middles of the gutters in pixels, from left to right.
    """
    columns: list[PageLines] = [[] for _ in range(len(gutters) + 1)]
    for line in lines:
        centre = (line.box.left + line.box.right) / 2
        columns[sum(centre > gutter for gutter in gutters)].append(line)
    return [column for column in columns if column]


def is_prose(column: PageLines, line_height: float) -> bool:
    """Tell whether the lines of a column are long and fill it, as wrapped text does and names in a table do not.

    At least three lines are needed, and 55 % of them must reach about as far to the right as their neighbours.
    """
    long = median(line.box.width for line in column) >= MIN_PROSE_WIDTH_LINE_HEIGHTS * line_height
    if len(column) < 3 or not long:
        return False
    ordered = sorted(column, key=lambda line: line.middle)
    spans = [inner_x(line) for line in ordered]
    full = sum(_fills_column(line, _find_neighbours(ordered, spans, index)) for index, line in enumerate(ordered))
    return full >= 0.55 * len(column)


def _find_neighbours(ordered: PageLines, spans: Sequence[Span], index: int) -> PageLines:
    """Return the line at `index` with up to two lines above and two below it that overlap it sideways.

    Lines that do not overlap it stand in another column. `ordered` goes from top to bottom, and `spans` holds left and
    right of each of its lines.
    """
    before = [
        at
        for at in range(index - 1, max(-1, index - MAX_NEIGHBOUR_DISTANCE_LINES - 1), -1)
        if overlap(spans[at], spans[index]) > 0
    ]
    after = [
        at
        for at in range(index + 1, min(len(ordered), index + MAX_NEIGHBOUR_DISTANCE_LINES + 1))
        if overlap(spans[at], spans[index]) > 0
    ]
    return [ordered[at] for at in (index, *before[:2], *after[:2])]


def _fills_column(line: PageLine, neighbours: PageLines) -> bool:
    """Tell whether a line ends within a fifth of the width of the neighbour that reaches furthest to the right."""
    widest = max(neighbours, key=lambda other: other.box.right)
    return line.box.right >= widest.box.right - 0.2 * widest.box.width
