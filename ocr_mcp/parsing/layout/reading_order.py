"""Order the lines that lie scattered on a page as a person would read them.

A recursive cut, after the XY-cut of Nagy and Seth: the page falls into bands, neighbouring bands that share a gutter
form one region, a region falls into its columns, and each column is cut again. Three exceptions make it a reader's
order: columns whose cells stand in rows (tables, receipts, forms) are read by row; a gutter that a few lines cross (a
heading over two of three columns) is cut between those lines; lines set into the gutter are read after the columns.

`line_height` is the height in pixels of the body's lines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocr_mcp.parsing.layout.gutters import (
    are_paired_columns,
    are_read_by_row,
    find_crossed_stripe,
    find_gutters,
    find_insets,
    find_supported_gutters,
    split_columns,
)
from ocr_mcp.parsing.layout.page_lines import PageLine, PageLines, Span, group_rows, join_list_markers


@dataclass(frozen=True)
class Flow:
    """Lines that are read one after the other.

    `gutters` are the middles in pixels of the gutters between them; if there are any, the lines are cells to be read by
    row.
    """

    lines: tuple[PageLine, ...]
    gutters: tuple[float, ...] = ()


def find_flows(lines: Iterable[PageLine], line_height: float) -> list[Flow]:
    """Return every line once, in flows that follow each other as a person would read them.

    Bullets and item numbers in boxes of their own are joined to their lines first.
    """
    lines = list(lines)
    if not lines:
        return []
    return list(_order_region(join_list_markers(lines, line_height), line_height, depth=0))


def _order_region(lines: PageLines, line_height: float, depth: int) -> Iterator[Flow]:
    # The limit of the depth ends the recursion on boxes that no cut makes fewer.
    """Yield the flows of a region: insets last, then bands, columns and crossed gutters, each cut again."""
    if len(lines) < 2 or depth > 12:
        yield Flow(tuple(_order_by_row(lines)))
        return
    inset = find_insets(lines, line_height)
    if inset:
        yield from _order_region([line for line in lines if line not in inset], line_height, depth + 1)
        yield from _order_region(inset, line_height, depth + 1)
        return
    for group in _group_bands(lines, line_height):
        gutters = find_supported_gutters(group, line_height)
        if gutters:
            yield from _order_columns(group, gutters, line_height, depth)
        # A region that is one group has no bands to cut it by: `_order_crossed` looks for a crossed gutter.
        elif len(group) < len(lines):
            yield from _order_region(group, line_height, depth + 1)
        else:
            yield from _order_crossed(group, line_height, depth)


def _order_columns(group: PageLines, gutters: list[Span], line_height: float, depth: int) -> Iterator[Flow]:
    """Yield the flows of a region with gutters: one flow of cells where it is read by row, else column after column."""
    middles = [(left + right) / 2 for left, right in gutters]
    columns = split_columns(group, middles)
    if are_read_by_row(columns, line_height):
        yield Flow(tuple(_order_by_row(group)), tuple(middles))
        return
    for column in _join_paired_columns(columns, line_height):
        yield from _order_region(column, line_height, depth + 1)


def _join_paired_columns(columns: list[PageLines], line_height: float) -> list[PageLines]:
    """Join neighbouring columns of names and values where the columns as a whole are not read by row.

    With two columns there is nothing to join: whether both are read by row was decided before.
    """
    result: list[PageLines] = []
    last: PageLines = []
    for column in columns:
        if result and len(columns) > 2 and are_paired_columns(last, column, line_height):
            result[-1] = result[-1] + column
        else:
            result.append(column)
        last = column
    return result


def _group_bands(lines: PageLines, line_height: float) -> list[PageLines]:
    """Return groups of bands from top to bottom; bands join while they share a gutter, or while none has one."""
    groups: list[list[PageLines]] = []
    for band in _split_bands(lines):
        if groups and _belongs_to_group(groups[-1], band, line_height):
            groups[-1].append(band)
        else:
            trailing = _detach_trailing_bands(groups[-1], band, line_height) if groups else []
            groups.append([*trailing, band])
    return _rejoin_single_columns([_flatten(group) for group in groups], line_height)


def _rejoin_single_columns(groups: list[PageLines], line_height: float) -> list[PageLines]:
    """Join neighbouring groups of which neither has columns: only gaps between words had parted them."""
    result: list[PageLines] = []
    joinable = False
    for group in groups:
        single = not find_supported_gutters(group, line_height)
        if single and joinable:
            result[-1] = result[-1] + group
        else:
            result.append(group)
        joinable = single
    return result


def _belongs_to_group(group: list[PageLines], band: PageLines, line_height: float) -> bool:
    """Tell whether a band and the group above share a gutter, or have none each."""
    before = _flatten(group)
    together = find_gutters(before + band, line_height)
    if together:
        return True
    return not find_gutters(before, line_height) and not find_gutters(band, line_height)


def _detach_trailing_bands(group: list[PageLines], band: PageLines, line_height: float) -> list[PageLines]:
    """Remove from a group of columns the last bands that are nearer to the band below, and return them.

    Such a band is the heading of the next section. `group` is changed, and its first band always stays.
    """
    moved: list[PageLines] = []
    while len(group) > 1 and not find_gutters(group[-1], line_height) and find_gutters(_flatten(group), line_height):
        above = min(line.box.top for line in group[-1]) - max(line.box.bottom for line in group[-2])
        below = min(line.box.top for line in (moved or [band])[0]) - max(line.box.bottom for line in group[-1])
        if above <= below + 0.5 * line_height:
            break
        moved.insert(0, group.pop())
    return moved


def _flatten(bands: list[PageLines]) -> PageLines:
    """Return the lines of several bands as one list."""
    return [line for band in bands for line in band]


def _split_bands(lines: PageLines) -> list[PageLines]:
    """Split lines into bands, between which a white stripe goes across the whole region."""
    bands: list[PageLines] = []
    end = float("-inf")
    for line in sorted(lines, key=lambda line: line.core[0]):
        if not bands or line.core[0] >= end:
            bands.append([])
        bands[-1].append(line)
        end = max(end, line.core[1])
    return bands


def _order_crossed(lines: PageLines, line_height: float, depth: int) -> Iterator[Flow]:
    """Yield the flows of a region that nothing divides: one column, or columns under lines that cross their gutter."""
    _, crossing = find_crossed_stripe(lines, line_height)
    if not crossing:
        yield Flow(tuple(_order_by_row(lines)))
        return
    for part in _split_at_crossing_lines(lines, crossing):
        if part[0] in crossing:
            yield Flow(tuple(part))
        else:
            yield from _order_region(part, line_height, depth + 1)


def _split_at_crossing_lines(lines: PageLines, crossing: PageLines) -> list[PageLines]:
    """Split a region at the lines that cross its gutter, from top to bottom.

    The parts are the lines between the crossing ones, and runs of crossing lines that follow each other. `crossing`
    goes from top to bottom.
    """
    cuts = [line.middle for line in crossing]
    between: list[PageLines] = [[] for _ in range(len(cuts) + 1)]
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


def _order_by_row(lines: PageLines) -> PageLines:
    """Return the lines row by row, each row from left to right."""
    return [line for row in group_rows(lines) for line in row]
