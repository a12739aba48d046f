"""The order in which a person reads lines of text that lie scattered on a page.

A recursive cut, after the XY-cut of Nagy and Seth: the page falls into bands, neighbouring bands that share a gutter
form one region, a region falls into its columns, and each column is cut again. Three exceptions make it a reader's
order: columns whose cells stand in rows (tables, receipts, forms) are read by row; a gutter that a few lines cross (a
heading over two of three columns) is cut between those lines; what is set into the gutter is read after the columns.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocr_mcp.parsing.layout.gutters import (
    are_rows,
    best_stripe,
    gutters_of,
    insets,
    read_by_row,
    split,
    supported_gutters,
)
from ocr_mcp.parsing.layout.page_lines import Line, Lines, Span, visual_rows, with_markers


@dataclass(frozen=True)
class Flow:
    """Lines that are read one after the other. With `gutters` they are cells, to be read by row."""

    lines: tuple[Line, ...]
    gutters: tuple[float, ...] = ()


def flows(lines: Iterable[Line], height: float) -> list[Flow]:
    """Every line once, in flows that follow each other as a person would read them. List markers join their lines.

    `height` is that of the page's lines.
    """
    lines = list(lines)
    if not lines:
        return []
    return list(_ordered(with_markers(lines, height), height, depth=0))


def _ordered(lines: Lines, height: float, depth: int) -> Iterator[Flow]:
    if len(lines) < 2 or depth > 12:
        yield Flow(tuple(_by_row(lines)))
        return
    inset = insets(lines, height)
    if inset:
        yield from _ordered([line for line in lines if line not in inset], height, depth + 1)
        yield from _ordered(inset, height, depth + 1)
        return
    for group in _groups(lines, height):
        gutters = supported_gutters(group, height)
        if gutters:
            yield from _columns(group, gutters, height, depth)
        elif len(group) < len(lines):
            yield from _ordered(group, height, depth + 1)
        else:
            yield from _crossed(group, height, depth)


def _columns(group: Lines, gutters: list[Span], height: float, depth: int) -> Iterator[Flow]:
    middles = [(left + right) / 2 for left, right in gutters]
    columns = split(group, middles)
    if read_by_row(columns, height):
        yield Flow(tuple(_by_row(group)), tuple(middles))
        return
    for column in _with_pairs(columns, height):
        yield from _ordered(column, height, depth + 1)


def _with_pairs(columns: list[Lines], height: float) -> list[Lines]:
    """The columns, neighbours put together that are read by row though all of them are not: names beside values."""
    result: list[Lines] = []
    last: Lines = []
    for column in columns:
        if result and len(columns) > 2 and are_rows(last, column, height):
            result[-1] = result[-1] + column
        else:
            result.append(column)
        last = column
    return result


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
        single = not supported_gutters(group, height)
        if single and joinable:
            result[-1] = result[-1] + group
        else:
            result.append(group)
        joinable = single
    return result


def _belongs(group: list[Lines], band: Lines, height: float) -> bool:
    before = _flat(group)
    together = gutters_of(before + band, height)
    if together:
        return True
    return not gutters_of(before, height) and not gutters_of(band, height)


def _trailing(group: list[Lines], band: Lines, height: float) -> list[Lines]:
    """The last bands of a group of columns that are nearer to what follows: a heading of the next section."""
    moved: list[Lines] = []
    while len(group) > 1 and not gutters_of(group[-1], height) and gutters_of(_flat(group), height):
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


def _crossed(lines: Lines, height: float, depth: int) -> Iterator[Flow]:
    """A region that nothing divides: one column, or columns under lines that cross their gutter."""
    _, crossing = best_stripe(lines, height)
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


def _by_row(lines: Lines) -> Lines:
    return [line for row in visual_rows(lines) for line in row]
