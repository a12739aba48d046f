"""The order in which a person reads lines of text that lie scattered on a page.

A recursive cut, after the XY-cut of Nagy and Seth: the page falls into bands, neighbouring bands that share a gutter
form one region, a region falls into its columns, and each column is cut again. Two exceptions make it a reader's order:
columns whose cells stand in rows (tables, receipts, forms) are read by row, and a gutter that a few lines cross (a
heading over two of three columns) is cut between those lines.

All lengths are in pixels of the picture, compared with the height of the body's lines, never absolute.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from ocr_mcp.model.geometry import BoundingBox

GUTTER = 0.25
"""The least width of a gutter, in line heights, between boxes that a detector drew too large."""

WIDE_GUTTER = 1.0
FEW_LINES, MANY_LINES = 2, 5
"""How many lines must stand on each side of a gutter that is wide, and of one that could be a gap between words."""

LONG_LINE = 8
"""From how many line heights on, about 18 characters, a line is prose rather than a cell."""

CORE, SIDE = 0.25, 0.15
"""How much of a box, in its height, is shaved off above and below, left and right: detectors' boxes overlap."""


@dataclass(frozen=True)
class Line:
    """A recognised line, or a part of one. `confidence` is 0 to 1, None if not measured."""

    text: str
    box: BoundingBox
    confidence: float | None = None

    @property
    def middle(self) -> float:
        """The vertical centre."""
        return (self.box.top + self.box.bottom) / 2

    @property
    def core(self) -> tuple[float, float]:
        """Top and bottom without the margin that detectors add."""
        return self.box.top + CORE * self.box.height, self.box.bottom - CORE * self.box.height


@dataclass(frozen=True)
class Flow:
    """Lines that are read one after the other. With `gutters` they are cells, to be read by row."""

    lines: tuple[Line, ...]
    gutters: tuple[float, ...] = ()


MARKER = re.compile(r"[•◦▪‣·●○■□▢☐☑☒✓–*]|\(?(?:\d{1,3}|[a-zA-Z])[.)]")
"""A line that is nothing but the mark of a list item."""

Lines = list[Line]
Span = tuple[float, float]


def flows(lines: Iterable[Line]) -> list[Flow]:
    """Every line once, in flows that follow each other as a person would read them. List markers join their lines."""
    lines = list(lines)
    if not lines:
        return []
    height = body_height(lines)
    return list(_ordered(_with_markers(lines, height), height, depth=0))


def _with_markers(lines: Lines, height: float) -> Lines:
    """Bullets and item numbers that were found as boxes of their own, put before the text that they mark."""
    markers = [line for line in lines if MARKER.fullmatch(line.text)]
    joined = [line for line in lines if line not in markers]
    for marker in markers:
        beside = [line for line in joined if _is_marked_by(marker, line, height)]
        if not beside:
            joined.append(marker)
            continue
        text = min(beside, key=lambda line: line.box.left)
        joined[joined.index(text)] = Line(f"{marker.text} {text.text}", text.box.union(marker.box), text.confidence)
    return joined


def _is_marked_by(marker: Line, line: Line, height: float) -> bool:
    gap = line.box.left - marker.box.right
    return abs(line.middle - marker.middle) < 0.5 * height and -0.5 * height < gap < 3 * height


def body_height(lines: Sequence[Line]) -> float:
    """The median height of a line, every character counting once."""
    weighted = sorted((line.box.height, max(1, len(line.text))) for line in lines)
    half = sum(weight for _, weight in weighted) / 2
    for height, weight in weighted:
        half -= weight
        if half <= 0:
            return max(height, 1.0)
    return 1.0


def visual_rows(lines: Iterable[Line]) -> list[Lines]:
    """Lines that stand side by side, as rows from top to bottom, each from left to right."""
    rows: list[Lines] = []
    for line in sorted(lines, key=lambda line: line.middle):
        row = next((row for row in reversed(rows[-3:]) if _beside(row, line)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    return [sorted(row, key=lambda line: line.box.left) for row in rows]


def _beside(row: Lines, line: Line) -> bool:
    """Whether a line stands in a row: level with its nearest member, and not above or below any."""
    nearest = min(row, key=lambda other: abs(other.box.left - line.box.left))
    height = min(nearest.box.height, line.box.height)
    level = abs(nearest.middle - line.middle) < 0.5 * height
    return level and not any(_overlap(_x(other), _x(line)) > 0.3 * height for other in row)


def _ordered(lines: Lines, height: float, depth: int) -> Iterator[Flow]:
    if len(lines) < 2 or depth > 12:
        yield Flow(tuple(_by_row(lines)))
        return
    insets = _insets(lines, height)
    if insets:
        yield from _ordered([line for line in lines if line not in insets], height, depth + 1)
        yield from _ordered(insets, height, depth + 1)
        return
    for group in _groups(lines, height):
        gutters = _supported_gutters(group, height)
        if gutters:
            yield from _columns(group, gutters, height, depth)
        elif len(group) < len(lines):
            yield from _ordered(group, height, depth + 1)
        else:
            yield from _crossed(group, height, depth)


def _columns(group: Lines, gutters: list[Span], height: float, depth: int) -> Iterator[Flow]:
    middles = [(left + right) / 2 for left, right in gutters]
    columns = _split(group, middles)
    if read_by_row(columns, height):
        yield Flow(tuple(_by_row(group)), tuple(middles))
        return
    for column in columns:
        yield from _ordered(column, height, depth + 1)


def _split(lines: Lines, gutters: list[float]) -> list[Lines]:
    columns: list[Lines] = [[] for _ in range(len(gutters) + 1)]
    for line in lines:
        centre = (line.box.left + line.box.right) / 2
        columns[sum(centre > gutter for gutter in gutters)].append(line)
    return [column for column in columns if column]


def read_by_row(columns: Sequence[Lines], height: float) -> bool:
    """Whether cells side by side belong together more than cells below each other.

    Two columns of prose are read each to its end. Otherwise it is rows, if most cells of the shorter columns stand
    level with one of the longest.
    """
    if sum(is_prose(column, height) for column in columns) > 1:
        return False
    longest = max(columns, key=len)
    others = [line for column in columns if column is not longest for line in column]
    level = sum(any(abs(line.middle - other.middle) < 0.35 * height for other in longest) for line in others)
    return level >= 0.7 * len(others)


def is_prose(column: Lines, height: float) -> bool:
    """Whether lines are long and fill their column, as wrapped text does and names in a table do not."""
    long = median(line.box.width for line in column) >= LONG_LINE * height
    if len(column) < 3 or not long:
        return False
    ordered = sorted(column, key=lambda line: line.middle)
    full = sum(_fills(line, ordered[max(0, index - 2) : index + 3]) for index, line in enumerate(ordered))
    return full >= 0.55 * len(column)


def _fills(line: Line, neighbours: Lines) -> bool:
    widest = max(neighbours, key=lambda other: other.box.right)
    return line.box.right >= widest.box.right - 0.2 * widest.box.width


def _groups(lines: Lines, height: float) -> list[Lines]:
    """Bands from top to bottom, joined as long as they share a gutter, or as long as none has one."""
    groups: list[list[Lines]] = []
    for band in _bands(lines):
        if groups and _belongs(groups[-1], band, height):
            groups[-1].append(band)
        else:
            trailing = _trailing(groups[-1], band, height) if groups else []
            groups.append([*trailing, band])
    return _without_chance_cuts([_flat(group) for group in groups], height)


def _without_chance_cuts(groups: list[Lines], height: float) -> list[Lines]:
    """Neighbours joined again where neither has columns: what parted them were gaps between words."""
    result: list[Lines] = []
    joinable = False
    for group in groups:
        single = not _supported_gutters(group, height)
        if single and joinable:
            result[-1] = result[-1] + group
        else:
            result.append(group)
        joinable = single
    return result


def _belongs(group: list[Lines], band: Lines, height: float) -> bool:
    before = _flat(group)
    together = _gutters(before + band, height)
    if together:
        return True
    return not _gutters(before, height) and not _gutters(band, height)


def _trailing(group: list[Lines], band: Lines, height: float) -> list[Lines]:
    """The last bands of a group of columns that are nearer to what follows: a heading of the next section."""
    moved: list[Lines] = []
    while len(group) > 1 and not _gutters(group[-1], height) and _gutters(_flat(group), height):
        above = min(line.box.top for line in group[-1]) - max(line.box.bottom for line in group[-2])
        below = min(line.box.top for line in (moved or [band])[0]) - max(line.box.bottom for line in group[-1])
        if above <= below + 0.5 * height:
            break
        moved.insert(0, group.pop())
    return moved


def _flat(bands: list[Lines]) -> Lines:
    return [line for band in bands for line in band]


def _bands(lines: Lines) -> list[Lines]:
    """Runs of lines between which a white band goes across."""
    bands: list[Lines] = []
    end = float("-inf")
    for line in sorted(lines, key=lambda line: line.core[0]):
        if not bands or line.core[0] >= end:
            bands.append([])
        bands[-1].append(line)
        end = max(end, line.core[1])
    return bands


def _gutters(lines: Lines, height: float) -> list[Span]:
    """White stripes from top to bottom with text on both sides."""
    found: list[Span] = []
    end: float | None = None
    for left, right in sorted(map(_x, lines)):
        if end is not None and left - end >= GUTTER * height:
            found.append((end, left))
        end = right if end is None else max(end, right)
    return found


def _supported_gutters(lines: Lines, height: float) -> list[Span]:
    """The gutters that enough lines stand beside, so that they are no gaps between words."""
    return [gutter for gutter in _gutters(lines, height) if _is_supported(gutter, lines, height)]


def _is_supported(gutter: Span, lines: Lines, height: float) -> bool:
    left = sum(_x(line)[1] <= gutter[0] for line in lines)
    wide = gutter[1] - gutter[0] >= WIDE_GUTTER * height
    return min(left, len(lines) - left) >= (FEW_LINES if wide else MANY_LINES)


def _insets(lines: Lines, height: float) -> Lines:
    """What is set into the gutter between two columns of prose, a caption or a quotation, with text on both sides."""
    if _supported_gutters(lines, height):
        return []
    stripe, crossing = _best_stripe(lines, height)
    left = [line for line in lines if _x(line)[1] <= stripe[0]]
    right = [line for line in lines if _x(line)[0] >= stripe[1]]
    if not crossing or not (is_prose(left, height) and is_prose(right, height)):
        return []
    across = [line for line in crossing if _x(line)[0] < stripe[0] - height and _x(line)[1] > stripe[1] + height]
    return [line for line in across if _has_level(line, left, height) and _has_level(line, right, height)]


def _has_level(line: Line, column: Lines, height: float) -> bool:
    beside = (other for other in column if abs(other.middle - line.middle) < height)
    return any(other.box.width >= LONG_LINE * height for other in beside)


def _crossed(lines: Lines, height: float, depth: int) -> Iterator[Flow]:
    """A region that nothing divides: one column, or columns under lines that cross their gutter."""
    _, crossing = _best_stripe(lines, height)
    if not crossing:
        yield Flow(tuple(_by_row(lines)))
        return
    for part in _parted_by(lines, crossing):
        if part[0] in crossing:
            yield Flow(tuple(part))
        else:
            yield from _ordered(part, height, depth + 1)


def _parted_by(lines: Lines, crossing: Lines) -> list[Lines]:
    """From top to bottom: what stands between crossing lines, and the runs of these."""
    cuts = [line.middle for line in crossing]
    between: list[Lines] = [[] for _ in range(len(cuts) + 1)]
    for line in lines:
        if line not in crossing:
            between[sum(line.middle > cut for cut in cuts)].append(line)
    parts = [between[0]]
    for line, below in zip(crossing, between[1:], strict=True):
        if parts[-1] and parts[-1][-1] in crossing:
            parts[-1].append(line)
        else:
            parts.append([line])
        parts += [below] if below else []
    return [part for part in parts if part]


def _best_stripe(lines: Lines, height: float) -> tuple[Span, Lines]:
    """The stripe with text on both sides that the fewest lines cross, at least one and at most a seventh of them."""
    best: tuple[Span, Lines] = ((0.0, 0.0), [])
    for edge in {_x(line)[1] for line in lines}:
        stripe = (edge, edge + GUTTER * height)
        crossing = [line for line in lines if _overlap(_x(line), stripe) > 0]
        left = sum(_x(line)[1] <= stripe[0] for line in lines)
        right = len(lines) - left - len(crossing)
        few = 0 < len(crossing) <= len(lines) / 7 and min(left, right) >= max(3, len(lines) / 6)
        if few and (not best[1] or len(crossing) < len(best[1])):
            best = stripe, crossing
    return best[0], sorted(best[1], key=lambda line: line.middle)


def _by_row(lines: Lines) -> Lines:
    return [line for row in visual_rows(lines) for line in row]


def _x(line: Line) -> Span:
    side = min(SIDE * line.box.height, line.box.width / 4)
    return line.box.left + side, line.box.right - side


def _overlap(a: Span, b: Span) -> float:
    return min(a[1], b[1]) - max(a[0], b[0])
