"""White stripes between columns, and what stands beside and across them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.parsing.layout.page_lines import PageLine, PageLines, Span, inner_x, overlap

MIN_GUTTER_LINE_HEIGHTS = 0.25
"""The least width of a gutter, in line heights, between boxes that a detector drew too large."""

WIDE_GUTTER_LINE_HEIGHTS = 1.0

MIN_LINES_AT_WIDE_GUTTER, MIN_LINES_AT_NARROW_GUTTER = 2, 5
"""How many lines must stand on each side of a gutter that is wide, and of one that could be a gap between words."""

MAX_ROW_OFFSET_LINE_HEIGHTS = 0.25
"""Line heights that cells of one row may be out of level, beside what the page lies askew."""

MAX_STEP_DEVIATION_RATIO, MAX_STEP_RATIO = 0.12, 1.1
"""How much steps from line to line may differ to be even, and by what factor those of two columns must."""

MAX_NEIGHBOUR_DISTANCE_LINES = 12
"""Lines to look through for those above and below: two rows of six columns."""

MIN_PROSE_WIDTH_LINE_HEIGHTS = 8
"""From how many line heights on, about 18 characters, a line is prose rather than a cell."""


def find_gutters(lines: PageLines, line_height: float) -> list[Span]:
    """White stripes from top to bottom with text on both sides, however few lines that are."""
    found: list[Span] = []
    end: float | None = None
    for left, right in sorted(map(inner_x, lines)):
        if end is not None and left - end >= MIN_GUTTER_LINE_HEIGHTS * line_height:
            found.append((end, left))
        end = right if end is None else max(end, right)
    return found


def find_supported_gutters(lines: PageLines, line_height: float) -> list[Span]:
    """The gutters that enough lines stand beside, so that they are no gaps between words."""
    return [gutter for gutter in find_gutters(lines, line_height) if _is_supported(gutter, lines, line_height)]


def _is_supported(gutter: Span, lines: PageLines, line_height: float) -> bool:
    left = sum(inner_x(line)[1] <= gutter[0] for line in lines)
    wide = gutter[1] - gutter[0] >= WIDE_GUTTER_LINE_HEIGHTS * line_height
    return min(left, len(lines) - left) >= (MIN_LINES_AT_WIDE_GUTTER if wide else MIN_LINES_AT_NARROW_GUTTER)


def find_crossed_stripe(lines: PageLines, line_height: float) -> tuple[Span, PageLines]:
    """The stripe with text on both sides that the fewest lines cross, at least one and at most a seventh of them."""
    spans = [inner_x(line) for line in lines]
    lefts, rights = sorted(left for left, _ in spans), sorted(right for _, right in spans)
    best: tuple[int, Span] | None = None
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
    """What is set into the gutter between two columns of prose, a caption or a quotation, with text on both sides."""
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
    beside = (other for other in column if abs(other.middle - line.middle) < line_height)
    return any(other.box.width >= MIN_PROSE_WIDTH_LINE_HEIGHTS * line_height for other in beside)


def are_read_by_row(columns: Sequence[PageLines], line_height: float) -> bool:
    """Whether cells side by side belong together more than cells below each other.

    Two columns of prose are read each to its end. Otherwise it is rows, if most cells of the shorter columns stand
    level with one of the longest.
    """
    if sum(is_prose(column, line_height) for column in columns) > 1:
        return False
    longest = max(columns, key=len)
    if any(_have_different_steps(column, longest) for column in columns):
        return False
    offsets = [_measure_offset(line, longest) for column in columns if column is not longest for line in column]
    usual = median(offsets)
    return sum(abs(offset - usual) < MAX_ROW_OFFSET_LINE_HEIGHTS * line_height for offset in offsets) >= 0.7 * len(
        offsets
    )


def are_paired_columns(left: PageLines, right: PageLines, line_height: float) -> bool:
    """Whether two neighbouring columns are names and values, level with each other, and enough to tell."""
    enough = min(len(left), len(right)) >= 3
    return (
        enough
        and not any(is_prose(column, line_height) for column in (left, right))
        and are_read_by_row((left, right), line_height)
    )


def _have_different_steps(a: PageLines, b: PageLines) -> bool:
    """Whether both columns have lines at even distances, but not at the same: an address beside a list of dates."""
    steps_of_both = _measure_step(a), _measure_step(b)
    return all(steps_of_both) and max(steps_of_both) > MAX_STEP_RATIO * min(steps_of_both)


def _measure_step(column: PageLines) -> float:
    """The distance of the lines of a column, 0 where they are few or stand unevenly."""
    middles = sorted(line.middle for line in column)
    steps = [b - a for a, b in pairwise(middles)]
    usual = median(steps) if len(steps) >= 3 else 0.0
    return usual if all(abs(step - usual) < MAX_STEP_DEVIATION_RATIO * usual for step in steps) else 0.0


def _measure_offset(line: PageLine, column: PageLines) -> float:
    """How much lower a line stands than the nearest of a column."""
    nearest = min(column, key=lambda other: abs(line.middle - other.middle))
    return line.middle - nearest.middle


def holds_prose_columns(lines: PageLines, line_height: float) -> bool:
    """Whether lines stand in two columns or more of prose."""
    middles = [(left + right) / 2 for left, right in find_supported_gutters(lines, line_height)]
    return sum(is_prose(column, line_height) for column in split_columns(lines, middles)) > 1


def split_columns(lines: PageLines, gutters: Sequence[float]) -> list[PageLines]:
    """The lines of each column that is not empty, from the left. `gutters` are the middles."""
    columns: list[PageLines] = [[] for _ in range(len(gutters) + 1)]
    for line in lines:
        centre = (line.box.left + line.box.right) / 2
        columns[sum(centre > gutter for gutter in gutters)].append(line)
    return [column for column in columns if column]


def is_prose(column: PageLines, line_height: float) -> bool:
    """Whether lines are long and fill their column, as wrapped text does and names in a table do not."""
    long = median(line.box.width for line in column) >= MIN_PROSE_WIDTH_LINE_HEIGHTS * line_height
    if len(column) < 3 or not long:
        return False
    ordered = sorted(column, key=lambda line: line.middle)
    spans = [inner_x(line) for line in ordered]
    full = sum(_fills_column(line, _find_neighbours(ordered, spans, index)) for index, line in enumerate(ordered))
    return full >= 0.55 * len(column)


def _find_neighbours(ordered: PageLines, spans: Sequence[Span], index: int) -> PageLines:
    """The line and the two nearest above and below it, of those close by; beside it is another column."""
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
    widest = max(neighbours, key=lambda other: other.box.right)
    return line.box.right >= widest.box.right - 0.2 * widest.box.width
