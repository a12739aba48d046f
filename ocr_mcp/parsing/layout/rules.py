"""Find the tables that the ruling lines of a page frame.

Two kinds of frame: a net of lines that cross each other, and lines of one width above each other (top, under the
header, bottom) with rows of cells between them. Lines above and below prose are neither.

Flat rules lie, upright rules stand. `line_height` is the height in pixels of the body's lines; thresholds named
`_LINE_HEIGHTS` are multiples of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.gutters import holds_prose_columns
from ocr_mcp.parsing.layout.page_lines import PageLine, PageLines, group_rows

MIN_TABULAR_ROWS_RATIO = 0.7
"""Part of the rows between two rules that must hold several cells, or one narrow cell."""

MAX_CELL_WIDTH_RATIO, MAX_OPEN_CELL_WIDTH_RATIO = 0.6, 0.4
"""Largest width of a cell as a part of the width of the rules. The second holds for rows beyond the outermost of three
rules or more, where they are less likely to belong to the table."""

MAX_BAND_GAP_LINE_HEIGHTS = 2.5
"""Largest white above, below and between the rows of a table that stand between two rules."""

MAX_JOINT_GAP_LINE_HEIGHTS = 0.4
"""Distance up to which the ends of two rules meet."""

MAX_OPEN_GAP_LINE_HEIGHTS = 1.5
"""Largest white between two rows of a table that no rule ends."""

MAX_WRAP_GAP_LINE_HEIGHTS = 0.3
"""Largest white between two lines of one cell."""

MAX_LANE_STEP_PX = 4
"""Distance up to which two rules lie in one lane, as pieces of one interrupted rule do."""

MIN_SEPARATOR_COVER_RATIO = 0.8
"""Part of a table's width or height that rules must cover to part all of its rows or columns."""


@dataclass(frozen=True)
class Frame:
    """The outline of a ruled table and the rules in it, the flat ones from the top, the upright ones from the left."""

    box: BoundingBox
    flat: tuple[BoundingBox, ...]
    upright: tuple[BoundingBox, ...]

    def holds(self, line: PageLine) -> bool:
        """Tell whether the centre of a line lies in the outline."""
        across = (line.box.left + line.box.right) / 2
        return self.box.left <= across <= self.box.right and self.box.top <= line.middle <= self.box.bottom


def find_frames(rules: Sequence[BoundingBox], lines: PageLines, line_height: float) -> list[Frame]:
    """Return outlines that may be tables, from the largest to the smallest, none overlapping another."""
    flat = sorted((rule for rule in rules if rule.width >= rule.height), key=lambda rule: rule.top)
    upright = sorted((rule for rule in rules if rule.width < rule.height), key=lambda rule: rule.left)
    boxes = [*_find_nets(flat, upright, line_height), *_find_stacks(flat, lines, line_height)]
    found: list[Frame] = []
    for box in sorted(boxes, key=lambda box: -box.area):
        if not any(_overlap(box, other.box) for other in found):
            # A rule at the edge may lie a little outside of the outline.
            reach = _grow(box, 0.3 * line_height)
            found.append(Frame(box, _select_inside(flat, reach), _select_inside(upright, reach)))
    return found


def _select_inside(rules: Sequence[BoundingBox], box: BoundingBox) -> tuple[BoundingBox, ...]:
    """Return the rules whose centres lie in a box."""
    return tuple(
        rule
        for rule in rules
        if box.left <= (rule.left + rule.right) / 2 <= box.right
        and box.top <= (rule.top + rule.bottom) / 2 <= box.bottom
    )


def _find_nets(flat: Sequence[BoundingBox], upright: Sequence[BoundingBox], line_height: float) -> list[BoundingBox]:
    """Return the outlines of rules that touch each other, where they are enough for two rows and two columns."""
    groups: list[list[BoundingBox]] = []
    for rule in (*flat, *upright):
        reach = _grow(rule, MAX_JOINT_GAP_LINE_HEIGHTS * line_height)
        touching = [group for group in groups if any(_overlap(reach, other) for other in group)]
        groups = [group for group in groups if not any(group is other for other in touching)]
        groups.append([rule, *(member for group in touching for member in group)])
    return [reduce(BoundingBox.union, group) for group in groups if _is_net(group)]


def _is_net(group: Sequence[BoundingBox]) -> bool:
    """Tell whether rules are at least two flat ones and an upright one, five in all."""
    across = sum(rule.width >= rule.height for rule in group)
    return across >= 2 and len(group) - across >= 1 and len(group) >= 5


def _find_stacks(flat: Sequence[BoundingBox], lines: PageLines, line_height: float) -> list[BoundingBox]:
    """Return the outlines of rules of one width above each other, with the rows of cells between and beside them."""
    boxes: list[BoundingBox] = []
    for stack in _group_by_width(flat, line_height):
        for run in _split_runs(stack, lines, line_height):
            box = reduce(BoundingBox.union, run)
            boxes.append(
                box.union(_find_open_rows(box, lines, line_height, len(run), -1)).union(
                    _find_open_rows(box, lines, line_height, len(run), 1)
                )
            )
    return boxes


def _split_runs(stack: Sequence[BoundingBox], lines: PageLines, line_height: float) -> list[list[BoundingBox]]:
    """Return the runs of rules that follow each other with nothing but cells between them."""
    runs: list[list[BoundingBox]] = []
    goes_on = False
    for above, below in pairwise(stack):
        is_band = _is_band(_select_between(above, below, lines), above, below, line_height)
        if is_band and goes_on:
            runs[-1].append(below)
        elif is_band:
            runs.append([above, below])
        goes_on = is_band
    return runs


def _is_band(lines: PageLines, above: BoundingBox, below: BoundingBox, line_height: float) -> bool:
    """Tell whether the lines between two rules are rows of one table.

    They have at most 2.5 line heights of white above, below and between them.
    """
    edges = [above.bottom, *(edge for row in group_rows(lines) for edge in _measure_extent(row)), below.top]
    widest = max((b - a for a, b in zip(edges[::2], edges[1::2], strict=True)), default=0.0)
    return widest <= MAX_BAND_GAP_LINE_HEIGHTS * line_height and _is_tabular(lines, above.width, line_height)


def _measure_extent(row: PageLines) -> tuple[float, float]:
    """Return the top and the bottom of a row in pixels."""
    return min(line.box.top for line in row), max(line.box.bottom for line in row)


def _find_open_rows(box: BoundingBox, lines: PageLines, line_height: float, rule_count: int, way: int) -> BoundingBox:
    """Return the box of the rows that belong to a table beyond its last rule (`way` 1) or above its first (-1).

    Such rows have several cells and are near. Below a table with two rules, which enclose its header, they are most of
    the table, and rows of one narrow line may stand among them. Where no row fits, the result is `box`.
    """
    edge = box.bottom if way > 0 else box.top
    beyond = [line for line in lines if way * (line.middle - edge) > 0 and _is_within_width(line, box)]
    taken: PageLines = []
    pending: PageLines = []
    for row in group_rows(beyond)[::way]:
        top, bottom = _measure_extent(row)
        gap = top - edge if way > 0 else edge - bottom
        if gap > MAX_OPEN_GAP_LINE_HEIGHTS * line_height:
            break
        edge = bottom if way > 0 else top
        pending += row
        # A row of one line is taken only with a row of cells after it, or as the next line of a cell.
        if len(row) > 1 or (taken and gap < MAX_WRAP_GAP_LINE_HEIGHTS * line_height):
            taken, pending = taken + pending, []
        elif rule_count > 2 or way < 0:
            break
    widest = MAX_CELL_WIDTH_RATIO if rule_count == 2 else MAX_OPEN_CELL_WIDTH_RATIO
    fits = all(line.box.width < widest * box.width for line in taken) and not holds_prose_columns(taken, line_height)
    return reduce(BoundingBox.union, (line.box for line in taken)) if taken and fits else box


def _is_within_width(line: PageLine, box: BoundingBox) -> bool:
    """Tell whether the centre of a line lies between the left and the right of a box."""
    return box.left <= (line.box.left + line.box.right) / 2 <= box.right


def _group_by_width(flat: Sequence[BoundingBox], line_height: float) -> list[list[BoundingBox]]:
    """Return the stacks of two or more flat rules with the same left and right, each from top to bottom."""
    stacks: list[list[BoundingBox]] = []
    for rule in flat:
        stack = next((stack for stack in stacks if _have_one_width(stack[-1], rule, line_height)), None)
        if stack is None:
            stacks.append([rule])
        else:
            stack.append(rule)
    return [stack for stack in stacks if len(stack) > 1]


def _have_one_width(a: BoundingBox, b: BoundingBox, line_height: float) -> bool:
    """Tell whether two rules begin and end within 1.5 line heights of each other."""
    return max(abs(a.left - b.left), abs(a.right - b.right)) < 1.5 * line_height


def _select_between(above: BoundingBox, below: BoundingBox, lines: PageLines) -> PageLines:
    """Return the lines whose centres lie between two rules."""
    return [
        line
        for line in lines
        if above.top < line.middle < below.bottom and above.left <= (line.box.left + line.box.right) / 2 <= above.right
    ]


def _is_tabular(lines: PageLines, width: float, line_height: float) -> bool:
    """Tell whether lines are rows of cells: only headings of sections go all across, and no columns are prose."""
    rows = group_rows(lines)
    if len(rows) <= 1:
        return True
    cells = sum(len(row) > 1 or row[0].box.width < MAX_CELL_WIDTH_RATIO * width for row in rows)
    return (
        any(len(row) > 1 for row in rows)
        and cells >= MIN_TABULAR_ROWS_RATIO * len(rows)
        and not holds_prose_columns(lines, line_height)
    )


def _grow(box: BoundingBox, margin: float) -> BoundingBox:
    """Return a box with a margin of that many pixels on every side."""
    return BoundingBox(
        left=box.left - margin, top=box.top - margin, right=box.right + margin, bottom=box.bottom + margin
    )


def _overlap(a: BoundingBox, b: BoundingBox) -> bool:
    """Tell whether two boxes overlap or touch."""
    return a.left <= b.right and b.left <= a.right and a.top <= b.bottom and b.top <= a.bottom


def find_separators(rules: Sequence[BoundingBox], start: float, end: float, *, upright: bool) -> list[float]:
    """Return the places where rules part all of a frame, as middles in pixels.

    Rules in one lane count together; they must cover most of the way from `start` to `end`. `upright` says which kind
    of rules these are.
    """
    lanes: list[list[BoundingBox]] = []
    for rule in sorted(rules, key=lambda rule: _middle(rule, upright=upright)):
        if lanes and _middle(rule, upright=upright) - _middle(lanes[-1][-1], upright=upright) <= MAX_LANE_STEP_PX:
            lanes[-1].append(rule)
        else:
            lanes.append([rule])
    wanted = MIN_SEPARATOR_COVER_RATIO * (end - start)
    return [_middle(lane[0], upright=upright) for lane in lanes if _measure_cover(lane, upright=upright) >= wanted]


def _middle(rule: BoundingBox, *, upright: bool) -> float:
    """Return the middle across a rule: x of an upright one, y of a flat one."""
    return (rule.left + rule.right) / 2 if upright else (rule.top + rule.bottom) / 2


def _measure_cover(lane: Sequence[BoundingBox], *, upright: bool) -> float:
    """Return the length in pixels of all rules of a lane together."""
    return sum(rule.height if upright else rule.width for rule in lane)
