"""The size of a page's picture follows the grid of the model: an A4 page becomes 1280 x 1920 pixels."""

import pytest

from ocr_mcp.errors import UnrenderableError, UsageError
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size
from ocr_mcp.model.images import Raster, TileGrid
from ocr_mcp.sources.raster import MAX_AREA_PX, clamp_region, find_target_size

TILES = Raster(grid=TileGrid(tile_px=640, min_tiles=2, max_tiles=9), max_edge_px=5760)


@pytest.mark.parametrize(
    ("inches", "pixels"),
    [
        ((8.27, 11.69), (1280, 1920)),
        ((8.5, 11), (1280, 1920)),
        ((13.33, 7.5), (2560, 1280)),
        ((10, 10), (1920, 1920)),
        ((3, 8), (640, 1920)),
    ],
)
def test_a_page_is_stretched_to_the_nearest_grid_and_the_largest_of_its_shape(
    inches: tuple[float, float], pixels: tuple[int, int]
) -> None:
    size = Size(width=inches[0] * 72, height=inches[1] * 72)
    assert find_target_size(size, PageUnit.POINT, TILES) == pixels


@pytest.mark.parametrize(
    ("native", "expected"),
    [((300, 400), (300, 400)), ((3000, 4000), (1280, 1920)), ((2000, 600), (1920, 600))],
)
def test_a_picture_is_shrunk_to_the_grid_and_never_enlarged(native: tuple[int, int], expected: tuple[int, int]) -> None:
    size = Size(width=native[0], height=native[1])
    assert find_target_size(size, PageUnit.PIXEL, TILES, native_px=native) == expected


def test_a_region_is_measured_by_its_own_shape_and_its_own_pixels() -> None:
    region = BoundingBox(left=0, top=0, right=200, bottom=100)
    assert find_target_size(Size(width=595, height=842), PageUnit.POINT, TILES, region=region) == (2560, 1280)
    picture = Size(width=800, height=900)
    assert find_target_size(picture, PageUnit.PIXEL, TILES, region=region, native_px=(800, 900)) == (200, 100)


@pytest.mark.parametrize(
    ("raster", "expected"),
    [
        (Raster(dpi=144), (1000, 2000)),
        (Raster(long_edge_px=500), (250, 500)),
        (Raster(dpi=144, max_edge_px=1000), (500, 1000)),
    ],
)
def test_without_a_grid_the_page_keeps_its_shape(raster: Raster, expected: tuple[int, int]) -> None:
    assert find_target_size(Size(width=500, height=1000), PageUnit.POINT, raster) == expected


def test_a_dpi_leaves_a_picture_its_pixels() -> None:
    size = Size(width=700, height=500)
    assert find_target_size(size, PageUnit.PIXEL, Raster(dpi=300), native_px=(700, 500)) == (700, 500)


def test_a_page_box_that_lies_does_not_make_a_huge_picture() -> None:
    width, height = find_target_size(
        Size(width=48_995, height=48_995), PageUnit.POINT, Raster(dpi=300, max_edge_px=50_000)
    )
    assert width * height <= MAX_AREA_PX * 1.001


@pytest.mark.parametrize(
    ("width", "height"), [(float("nan"), 100), (-5, 100), (0, 10), (float("inf"), 1), (1, 14_400), (2e6, 2e6)]
)
def test_a_shape_that_no_picture_can_show_is_an_error(width: float, height: float) -> None:
    with pytest.raises(UnrenderableError):
        find_target_size(Size(width=width, height=height), PageUnit.POINT, TILES)


def test_a_region_is_cut_to_the_page_and_must_lie_on_it() -> None:
    page = Size(width=100, height=100)
    inside = clamp_region(BoundingBox(left=-10, top=50, right=60, bottom=900), page)
    assert inside == BoundingBox(left=0, top=50, right=60, bottom=100)
    with pytest.raises(UsageError, match="100 wide"):
        clamp_region(BoundingBox(left=200, top=0, right=300, bottom=50), page)
