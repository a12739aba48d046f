"""Cuts a page into parts: through white space where there is some, else with an overlap that no line can hide in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.images import Raster
from ocr_mcp.model.ink import PageInk
from ocr_mcp.model.turning import Turn, turned_box, turned_size
from ocr_mcp.sources.documents import OpenSource

OVERLAP_RATIO = 0.04
"""Part of the page that is read twice on each side of a cut through print: a dozen lines of a newspaper."""
MAX_SHIFT_RATIO = 0.1
"""Distance, as a part of the page, by which a cut may leave its even place to find white space."""
MAX_SPECKS_RATIO = 0.003
"""Part of a row that may be ink where the row counts as white: specks."""
MIN_WHITE_ROWS = 4
"""Rows of `PageInk` that must be white together: the space between two lines of a newspaper is one row."""
INK_RASTER = Raster(long_edge_px=1000, jpeg_quality=80)


@dataclass(frozen=True, slots=True)
class _Cut:
    """One cut: the part before it ends at `end`, the part after it begins at `start` (0 to 1)."""

    end: float
    start: float


async def cut_page(
    source: OpenSource, number: int, area: BoundingBox, turn: Turn, grid: tuple[int, int]
) -> tuple[BoundingBox, ...]:
    """Cut an area into the columns and rows of `grid`; the boxes come row by row of the turned page.

    They are in page units of the page as displayed.
    """
    info = await source.page_info(number)
    ink = await source.ink(number, INK_RASTER, region=area, turn=turn)
    upright = turned_box(area, info.size, turn)
    size = turned_size(info.size, turn)
    return tuple(turned_box(part, size, turn.back) for part in split_area(upright, grid, ink))


def split_area(area: BoundingBox, grid: tuple[int, int], ink: PageInk) -> tuple[BoundingBox, ...]:
    """Split an area into the columns and rows of `grid`, row by row.

    Neighbours share an overlap unless white space parts them.
    """
    columns = _spans(_cuts(ink.columns, grid[0]))
    rows = _spans(_cuts(ink.rows, grid[1]))
    return tuple(
        BoundingBox(
            left=area.left + left * area.width,
            top=area.top + top * area.height,
            right=area.left + right * area.width,
            bottom=area.top + bottom * area.height,
        )
        for top, bottom in rows
        for left, right in columns
    )


def choose_halves_grid(size: Size) -> tuple[int, int]:
    """Return the columns and rows that cut a page in two across its longer side."""
    return (1, 2) if size.height >= size.width else (2, 1)


def _spans(cuts: Sequence[_Cut]) -> list[tuple[float, float]]:
    edges = [_Cut(0.0, 0.0), *cuts, _Cut(1.0, 1.0)]
    return [(before.start, after.end) for before, after in pairwise(edges)]


def _cuts(ink: Sequence[float], count: int) -> list[_Cut]:
    return [_cut_near(ink, index / count) for index in range(1, count)]


def _cut_near(ink: Sequence[float], place: float) -> _Cut:
    """Cut in the middle of the widest white band near the place; else where least is printed, with an overlap."""
    first, last = (max(0, min(len(ink), round((place + side * MAX_SHIFT_RATIO) * len(ink)))) for side in (-1, 1))
    start, length = _find_widest_white(ink, first, last)
    if length >= MIN_WHITE_ROWS:
        middle = (start + length / 2) / len(ink)
        return _Cut(middle, middle)
    least = min(range(first, last), key=lambda step: (ink[step], abs(step / len(ink) - place)))
    middle = (least + 0.5) / len(ink)
    return _Cut(min(1.0, middle + OVERLAP_RATIO), max(0.0, middle - OVERLAP_RATIO))


def _find_widest_white(ink: Sequence[float], first: int, last: int) -> tuple[int, int]:
    """Return the index at which the longest run of white rows begins, and its length."""
    best, run = (first, 0), 0
    for step in range(first, last):
        run = run + 1 if ink[step] <= MAX_SPECKS_RATIO else 0
        best = max(best, (step - run + 1, run), key=lambda found: found[1])
    return best
