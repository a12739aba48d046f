"""Cutting a page into parts: through white space where there is some, else with an overlap that no line can hide in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.images import Raster
from ocr_mcp.model.ink import PageInk
from ocr_mcp.model.turning import Turn, turned_box, turned_size
from ocr_mcp.sources.documents import OpenSource

OVERLAP = 0.04
"""Of the page, on each side of a cut through print: a dozen lines of a newspaper."""
WINDOW = 0.1
"""How far from its even place a cut may be moved to find white space, in parts of the page."""
WHITE = 0.003
"""The part of a row that may be ink where it is white: specks."""
MIN_WHITE = 4
"""Rows of `PageInk` that must be white together: the space between two lines of a newspaper is one."""
INK_RASTER = Raster(long_edge_px=1000, jpeg_quality=80)


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where the part before ends and the part after begins (0 to 1)."""

    end: float
    start: float


async def cut_page(
    source: OpenSource, number: int, area: BoundingBox, turn: Turn, grid: tuple[int, int]
) -> tuple[BoundingBox, ...]:
    """The area in so many columns and rows of the turned page, row by row; boxes are on the page as displayed."""
    info = await source.page_info(number)
    ink = await source.ink(number, INK_RASTER, region=area, turn=turn)
    upright = turned_box(area, info.size, turn)
    size = turned_size(info.size, turn)
    return tuple(turned_box(part, size, turn.back) for part in parts_of(upright, grid, ink))


def parts_of(area: BoundingBox, grid: tuple[int, int], ink: PageInk) -> tuple[BoundingBox, ...]:
    """The area in so many columns and rows, row by row; neighbours share an overlap unless white space parts them."""
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


def halves_grid(size: Size) -> tuple[int, int]:
    """Columns and rows that cut a page in two across its longer side."""
    return (1, 2) if size.height >= size.width else (2, 1)


def _spans(cuts: Sequence[_Cut]) -> list[tuple[float, float]]:
    edges = [_Cut(0.0, 0.0), *cuts, _Cut(1.0, 1.0)]
    return [(before.start, after.end) for before, after in pairwise(edges)]


def _cuts(ink: Sequence[float], count: int) -> list[_Cut]:
    return [_cut_near(ink, index / count) for index in range(1, count)]


def _cut_near(ink: Sequence[float], place: float) -> _Cut:
    """In the middle of the widest white band near the place; else where least is printed, with an overlap."""
    first, last = (max(0, min(len(ink), round((place + side * WINDOW) * len(ink)))) for side in (-1, 1))
    start, length = _widest_white(ink, first, last)
    if length >= MIN_WHITE:
        middle = (start + length / 2) / len(ink)
        return _Cut(middle, middle)
    least = min(range(first, last), key=lambda step: (ink[step], abs(step / len(ink) - place)))
    middle = (least + 0.5) / len(ink)
    return _Cut(min(1.0, middle + OVERLAP), max(0.0, middle - OVERLAP))


def _widest_white(ink: Sequence[float], first: int, last: int) -> tuple[int, int]:
    """Where the longest run of white rows begins, and its length."""
    best, run = (first, 0), 0
    for step in range(first, last):
        run = run + 1 if ink[step] <= WHITE else 0
        best = max(best, (step - run + 1, run), key=lambda found: found[1])
    return best
