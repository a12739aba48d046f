"""Find the size of a page's picture: width and height in pixels from the raster that an engine wants."""

import math
from functools import lru_cache

from ocr_mcp.errors import UnrenderableError, UsageError
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size, whole_page
from ocr_mcp.model.images import PageInfo, Raster, TileGrid
from ocr_mcp.model.turning import Turn, turned_box, turned_size

MAX_AREA_PX = 64_000_000
MAX_ASPECT_RATIO = 50.0
_MIN_SCAN_SCALE = 0.75
"""Longer edge of a scan that is sent as it is, in edges of the picture that it replaces, at least."""
_POINTS_PER_INCH = 72.0
_DEFAULT_DPI = 150
_MAX_PAGE_UNITS = 1_000_000.0


def find_target_size(
    page_size: Size,
    unit: PageUnit,
    raster: Raster,
    *,
    region: BoundingBox | None = None,
    native_px: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """Return width and height in pixels for the page, or for the part of it that `region` names in page units.

    `native_px` is the size of a picture in pixels; it is never enlarged beyond that. Raises `UnrenderableError` for a
    shape that no picture can have or show.
    """
    check_shape(page_size)
    shown = region or whole_page(page_size)
    _check_aspect(shown.width, shown.height)
    width, height = _apply_raster(shown.width, shown.height, unit, raster)
    if native_px is not None:
        width = min(width, native_px[0] * shown.width / page_size.width)
        height = min(height, native_px[1] * shown.height / page_size.height)
    width, height = _shrink(width, height, raster.max_edge_px)
    return max(1, round(width)), max(1, round(height))


def find_turned_target_size(info: PageInfo, raster: Raster, region: BoundingBox, turn: Turn) -> tuple[int, int]:
    """Return width and height in pixels for a part of a page that is turned before the engine sees it.

    A picture is never enlarged.
    """
    size, shown = turned_size(info.size, turn), turned_box(region, info.size, turn)
    native_px = (round(size.width), round(size.height)) if info.unit is PageUnit.PIXEL else None
    return find_target_size(size, info.unit, raster, region=shown, native_px=native_px)


def find_scan_edges(raster: Raster, edge_px: int) -> tuple[int, int] | None:
    """Return the least and the greatest longer edge of a scan that is sent instead of a picture with `edge_px`.

    Return None where every page is drawn. A coarser scan is drawn, which enlarges it as the model's grid wants it.
    """
    return None if raster.scan_edge_px is None else (round(_MIN_SCAN_SCALE * edge_px), raster.scan_edge_px)


def check_shape(page_size: Size) -> None:
    """Raise `UnrenderableError` for a page whose box is impossible."""
    edges = (page_size.width, page_size.height)
    if not all(math.isfinite(edge) and 0 < edge <= _MAX_PAGE_UNITS for edge in edges):
        raise UnrenderableError(
            f"The page claims to measure {page_size.width:g} x {page_size.height:g}, which no page does.",
            hint="Print the document to a new PDF and read that.",
        )


def clamp_region(region: BoundingBox, page_size: Size) -> BoundingBox:
    """Return the part of the region that lies on the page. Raises `UsageError` where there is none."""
    clamped = region.clamped(page_size)
    if not (clamped.width > 0 and clamped.height > 0):
        raise UsageError(
            f"The region {region.left:g},{region.top:g},{region.right:g},{region.bottom:g} is not on the page.",
            hint=f"The page is {page_size.width:g} wide and {page_size.height:g} high, from the top left corner.",
        )
    return clamped


def _find_nearest_grid(width: float, height: float, grid: TileGrid) -> tuple[int, int]:
    """Return columns and rows of the grid whose shape is nearest; of two with the same shape the larger one."""
    return _find_nearest_shape(width / height, grid.min_tiles, grid.max_tiles)


@lru_cache(maxsize=64)
def _find_nearest_shape(aspect: float, fewest: int, most: int) -> tuple[int, int]:
    edges = range(1, most + 1)
    shapes = [(x, y) for x in edges for y in edges if fewest <= x * y <= most]
    return min(shapes, key=lambda shape: (abs(aspect - shape[0] / shape[1]), -shape[0] * shape[1]))


def _apply_raster(width: float, height: float, unit: PageUnit, raster: Raster) -> tuple[float, float]:
    """Return width and height as the raster wants them, before anything caps them."""
    if raster.grid is not None:
        columns, rows = _find_nearest_grid(width, height, raster.grid)
        return float(columns * raster.grid.tile_px), float(rows * raster.grid.tile_px)
    if raster.long_edge_px is not None:
        scale = raster.long_edge_px / max(width, height)
    elif unit is PageUnit.POINT:
        scale = (raster.dpi or _DEFAULT_DPI) / _POINTS_PER_INCH
    else:
        scale = 1.0
    if unit is PageUnit.PIXEL:
        scale = min(scale, 1.0)
    return width * scale, height * scale


def _shrink(width: float, height: float, max_edge_px: int) -> tuple[float, float]:
    scale = min(1.0, max_edge_px / max(width, height), math.sqrt(MAX_AREA_PX / (width * height)))
    return width * scale, height * scale


def _check_aspect(width: float, height: float) -> None:
    if width <= 0 or height <= 0 or max(width / height, height / width) > MAX_ASPECT_RATIO:
        raise UnrenderableError(
            f"A page of {width:g} x {height:g} is too thin to read: "
            f"one side is over {MAX_ASPECT_RATIO:g} times the other.",
            hint="Name a region that is less thin.",
        )
