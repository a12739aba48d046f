"""The order in which a person reads lines of text that lie scattered on a page.

A recursive cut, after the XY-cut of Nagy and Seth: the page falls into bands, neighbouring bands that share a gutter
form one region, a region falls into its columns, and each column is cut again. Two exceptions make it a reader's order:
columns whose cells stand in rows (tables, receipts, forms) are read by row, and a gutter that a few lines cross (a
heading over two of three columns) is cut between those lines.

All lengths are in pixels of the picture, compared with the height of the body's lines, never absolute.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from ocr_mcp.model.geometry import BoundingBox

GUTTER = 0.8
"""The least width of a gutter, in line heights."""

CORE = 0.25
"""How much of a line box's height is shaved off above and below: detectors draw boxes that touch their neighbours."""


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


Lines = list[Line]
Span = tuple[float, float]


def flows(lines: Iterable[Line]) -> list[Flow]:
    """Every line once, in flows that follow each other as a person would read them."""
    lines = list(lines)
    if not lines:
        return []
    return list(_ordered(lines, body_height(lines), depth=0))


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
    for group in _groups(lines, height):
        gutters = _gutters(group, height)
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

    Prose fills its column with long lines; where all columns do, each is read to its end. Otherwise it is rows, if most
    cells of the shorter columns stand level with one of the longest.
    """
    if all(_is_prose(column, height) for column in columns):
        return False
    longest = max(columns, key=len)
    others = [line for column in columns if column is not longest for line in column]
    level = sum(any(abs(line.middle - other.middle) < 0.4 * height for other in longest) for line in others)
    return level >= 0.6 * len(others)


def _is_prose(column: Lines, height: float) -> bool:
    rows = visual_rows(column)
    widths = [row[-1].box.right - row[0].box.left for row in rows]
    width = max(line.box.right for line in column) - min(line.box.left for line in column)
    middle = median(widths)
    return len(rows) >= 3 and middle >= 8 * height and middle >= 0.6 * width


def _groups(lines: Lines, height: float) -> list[Lines]:
    """Bands from top to bottom, joined as long as they share a gutter, or as long as none has one."""
    groups: list[list[Lines]] = []
    for band in _bands(lines):
        if groups and _belongs(groups[-1], band, height):
            groups[-1].append(band)
        else:
            trailing = _trailing(groups[-1], band, height) if groups else []
            groups.append([*trailing, band])
    return [[line for band in group for line in band] for group in groups]


def _belongs(group: list[Lines], band: Lines, height: float) -> bool:
    before = [line for part in group for line in part]
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


def _crossed(lines: Lines, height: float, depth: int) -> Iterator[Flow]:
    """A region that nothing divides: one column, or columns under lines that cross their gutter."""
    crossing = _fewest_crossing(lines, height)
    if not crossing:
        yield Flow(tuple(_by_row(lines)))
        return
    cuts = sorted(line.middle for line in crossing)
    parts: dict[int, Lines] = {}
    for line in lines:
        if line not in crossing:
            parts.setdefault(sum(line.middle > cut for cut in cuts), []).append(line)
    for index in range(len(cuts) + 1):
        yield from _ordered(parts[index], height, depth + 1) if index in parts else ()
        yield from (
            (Flow((line,)) for line in crossing if line.middle == cuts[index : index + 1][0])
            if index < len(cuts)
            else ()
        )


def _fewest_crossing(lines: Lines, height: float) -> Lines:
    """The few lines (at most a seventh) that cross an otherwise clear gutter; none if there is no such gutter."""
    best: Lines = []
    for edge in {line.box.right for line in lines}:
        stripe = (edge, edge + GUTTER * height)
        crossing = [line for line in lines if _overlap(_x(line), stripe) > 0]
        left = sum(line.box.right <= stripe[0] for line in lines)
        right = sum(line.box.left >= stripe[1] for line in lines)
        few = 0 < len(crossing) <= len(lines) / 7 and min(left, right) >= max(3, len(lines) / 6)
        if few and (not best or len(crossing) < len(best)):
            best = crossing
    return sorted(best, key=lambda line: line.middle)


def _by_row(lines: Lines) -> Lines:
    return [line for row in visual_rows(lines) for line in row]


def _x(line: Line) -> Span:
    return line.box.left, line.box.right


def _overlap(a: Span, b: Span) -> float:
    return min(a[1], b[1]) - max(a[0], b[0])
