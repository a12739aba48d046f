"""White stripes between columns, and what stands beside and across them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ocr_mcp.parsing.layout.page_lines import Line, Lines, Span, inner_x, overlap

GUTTER = 0.25
"""The least width of a gutter, in line heights, between boxes that a detector drew too large."""

WIDE_GUTTER = 1.0

FEW_LINES, MANY_LINES = 2, 5
"""How many lines must stand on each side of a gutter that is wide, and of one that could be a gap between words."""

LEVEL = 0.25
"""Line heights that cells of one row may be out of level, beside what the page lies askew."""

EVEN, APART = 0.12, 1.1
"""How much steps from line to line may differ to be even, and by what factor those of two columns must."""

REACH = 12
"""Lines to look through for those above and below: two rows of six columns."""

LONG_LINE = 8
"""From how many line heights on, about 18 characters, a line is prose rather than a cell."""


def gutters_of(lines: Lines, height: float) -> list[Span]:
    """White stripes from top to bottom with text on both sides, however few lines that are."""
    found: list[Span] = []
    end: float | None = None
    for left, right in sorted(map(inner_x, lines)):
        if end is not None and left - end >= GUTTER * height:
            found.append((end, left))
        end = right if end is None else max(end, right)
    return found


def supported_gutters(lines: Lines, height: float) -> list[Span]:
    """The gutters that enough lines stand beside, so that they are no gaps between words."""
    return [gutter for gutter in gutters_of(lines, height) if _is_supported(gutter, lines, height)]


def _is_supported(gutter: Span, lines: Lines, height: float) -> bool:
    left = sum(inner_x(line)[1] <= gutter[0] for line in lines)
    wide = gutter[1] - gutter[0] >= WIDE_GUTTER * height
    return min(left, len(lines) - left) >= (FEW_LINES if wide else MANY_LINES)


def best_stripe(lines: Lines, height: float) -> tuple[Span, Lines]:
    """The stripe with text on both sides that the fewest lines cross, at least one and at most a seventh of them."""
    spans = [inner_x(line) for line in lines]
    lefts, rights = sorted(left for left, _ in spans), sorted(right for _, right in spans)
    best: tuple[int, Span] | None = None
    for start in dict.fromkeys(rights):
        end = start + GUTTER * height
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


def insets(lines: Lines, height: float) -> Lines:
    """What is set into the gutter between two columns of prose, a caption or a quotation, with text on both sides."""
    if supported_gutters(lines, height):
        return []
    stripe, crossing = best_stripe(lines, height)
    left = [line for line in lines if inner_x(line)[1] <= stripe[0]]
    right = [line for line in lines if inner_x(line)[0] >= stripe[1]]
    if not crossing or not (is_prose(left, height) and is_prose(right, height)):
        return []
    across = [
        line for line in crossing if inner_x(line)[0] < stripe[0] - height and inner_x(line)[1] > stripe[1] + height
    ]
    return [line for line in across if _has_level(line, left, height) and _has_level(line, right, height)]


def _has_level(line: Line, column: Lines, height: float) -> bool:
    beside = (other for other in column if abs(other.middle - line.middle) < height)
    return any(other.box.width >= LONG_LINE * height for other in beside)


def read_by_row(columns: Sequence[Lines], height: float) -> bool:
    """Whether cells side by side belong together more than cells below each other.

    Two columns of prose are read each to its end. Otherwise it is rows, if most cells of the shorter columns stand
    level with one of the longest.
    """
    if sum(is_prose(column, height) for column in columns) > 1:
        return False
    longest = max(columns, key=len)
    if any(_is_paced_apart(column, longest) for column in columns):
        return False
    offsets = [_offset(line, longest) for column in columns if column is not longest for line in column]
    usual = median(offsets)
    return sum(abs(offset - usual) < LEVEL * height for offset in offsets) >= 0.7 * len(offsets)


def are_rows(left: Lines, right: Lines, height: float) -> bool:
    """Whether two neighbouring columns are names and values, level with each other, and enough to tell."""
    enough = min(len(left), len(right)) >= 3
    return (
        enough and not any(is_prose(column, height) for column in (left, right)) and read_by_row((left, right), height)
    )


def _is_paced_apart(a: Lines, b: Lines) -> bool:
    """Whether both columns have lines at even distances, but not at the same: an address beside a list of dates."""
    paces = _pace(a), _pace(b)
    return all(paces) and max(paces) > APART * min(paces)


def _pace(column: Lines) -> float:
    """The distance of the lines of a column, 0 where they are few or stand unevenly."""
    middles = sorted(line.middle for line in column)
    steps = [b - a for a, b in pairwise(middles)]
    usual = median(steps) if len(steps) >= 3 else 0.0
    return usual if all(abs(step - usual) < EVEN * usual for step in steps) else 0.0


def _offset(line: Line, column: Lines) -> float:
    """How much lower a line stands than the nearest of a column."""
    nearest = min(column, key=lambda other: abs(line.middle - other.middle))
    return line.middle - nearest.middle


def holds_prose(lines: Lines, height: float) -> bool:
    """Whether lines stand in two columns or more of prose."""
    middles = [(left + right) / 2 for left, right in supported_gutters(lines, height)]
    return sum(is_prose(column, height) for column in split(lines, middles)) > 1


def split(lines: Lines, gutters: Sequence[float]) -> list[Lines]:
    """The lines of each column that is not empty, from the left. `gutters` are the middles."""
    columns: list[Lines] = [[] for _ in range(len(gutters) + 1)]
    for line in lines:
        centre = (line.box.left + line.box.right) / 2
        columns[sum(centre > gutter for gutter in gutters)].append(line)
    return [column for column in columns if column]


def is_prose(column: Lines, height: float) -> bool:
    """Whether lines are long and fill their column, as wrapped text does and names in a table do not."""
    long = median(line.box.width for line in column) >= LONG_LINE * height
    if len(column) < 3 or not long:
        return False
    ordered = sorted(column, key=lambda line: line.middle)
    spans = [inner_x(line) for line in ordered]
    full = sum(_fills(line, _neighbours(ordered, spans, index)) for index, line in enumerate(ordered))
    return full >= 0.55 * len(column)


def _neighbours(ordered: Lines, spans: Sequence[Span], index: int) -> Lines:
    """The line and the two nearest above and below it, of those close by; beside it is another column."""
    before = [at for at in range(index - 1, max(-1, index - REACH - 1), -1) if overlap(spans[at], spans[index]) > 0]
    after = [
        at for at in range(index + 1, min(len(ordered), index + REACH + 1)) if overlap(spans[at], spans[index]) > 0
    ]
    return [ordered[at] for at in (index, *before[:2], *after[:2])]


def _fills(line: Line, neighbours: Lines) -> bool:
    widest = max(neighbours, key=lambda other: other.box.right)
    return line.box.right >= widest.box.right - 0.2 * widest.box.width
