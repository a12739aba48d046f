"""What a page looks like to an engine: its raster and the encoded picture."""

from ocr_mcp.model.geometry import BoundingBox, Frozen, PageUnit, Size
from ocr_mcp.model.turning import Turn, turned_box, turned_size


class TileGrid(Frozen):
    """Square tiles that a model cuts a picture into: `tile_px` wide, at least and at most so many of them."""

    tile_px: int
    min_tiles: int
    max_tiles: int


class Raster(Frozen):
    """How large a picture an engine wants. Exactly one of `grid`, `long_edge_px`, `dpi` leads.

    `grid`: stretch the page to the grid of tiles whose shape is nearest, so that the model does not resample.
    `long_edge_px`: keep the shape, longest side so many pixels.
    `dpi`: keep the shape, so many pixels an inch for pages in points; pictures keep their pixels.
    `max_edge_px` caps the longest side in every case. Pictures are never enlarged.
    `scan_edge_px`: a page that consists of one JPEG scan whose longer edge is at most so long is sent as it is, neither
    drawn nor compressed again; None draws every page.
    """

    grid: TileGrid | None = None
    long_edge_px: int | None = None
    dpi: int | None = None
    max_edge_px: int = 4000
    scan_edge_px: int | None = None
    jpeg_quality: int = 90


class PageInfo(Frozen):
    """What is known of a page before it is rendered. `number` is 1-based, `size` in page units.

    `units_per_inch` is 72 for a PDF, and what a picture says of itself, None where it says nothing that can be true.
    """

    number: int
    size: Size
    unit: PageUnit
    units_per_inch: float | None = None


class PageView(Frozen):
    """What a picture of a page shows, without the picture.

    `page_size` and `region` are in page units; `region` is what the picture shows (the whole page if it covers it).
    `digest` is the SHA-256 of the encoded picture, in hex. The picture shows the page turned by `turn`; `turn_reason`
    says why, or why that is not known, and is empty for a page that is plainly upright. `page_size` and `region` are
    those of the page as displayed.
    """

    number: int
    page_size: Size
    unit: PageUnit
    region: BoundingBox
    width_px: int
    height_px: int
    digest: str
    turn: Turn = Turn.NONE
    turn_reason: str = ""

    def upright(self) -> "PageView":
        """What the picture shows of the turned page, as if that were the page."""
        size = turned_size(self.page_size, self.turn)
        region = turned_box(self.region, self.page_size, self.turn)
        return self.model_copy(update={"page_size": size, "region": region, "turn": Turn.NONE, "turn_reason": ""})


class PageImage(PageView):
    """A page, or a part of it, as an encoded RGB picture in `data`.

    `levelness` is how much more its lightness changes from top to bottom than from left to right: well over 1 for level
    lines; None where it was not asked for.
    """

    media_type: str
    data: bytes
    levelness: float | None = None

    def view(self) -> PageView:
        """The same without the picture."""
        return PageView.model_construct(**{name: getattr(self, name) for name in PageView.model_fields})
