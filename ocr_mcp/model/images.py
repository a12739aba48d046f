"""Pages as pictures for an engine: the size it wants, what is shown, and the encoded picture."""

from ocr_mcp.model.geometry import BoundingBox, Frozen, PageUnit, Size
from ocr_mcp.model.turning import Turn, turned_box, turned_size


class TileGrid(Frozen):
    """The square tiles into which a model cuts a picture.

    A tile is `tile_px` wide, and a picture has `min_tiles` to `max_tiles` of them.
    """

    tile_px: int
    min_tiles: int
    max_tiles: int


class Raster(Frozen):
    """The size of the picture that an engine wants. Exactly one of `grid`, `long_edge_px` and `dpi` is set.

    `grid` stretches the page to the grid of tiles whose shape is nearest, so that the model does not resample it.
    `long_edge_px` keeps the shape and makes the longest side that long.
    `dpi` keeps the shape; pages in points get that many pixels per inch, and pictures keep their own pixels.
    `max_edge_px` limits the longest side in every case. Pictures are never enlarged.
    `scan_edge_px` is the longest edge up to which a page that consists of one JPEG scan is sent as that file, neither
    drawn nor compressed again. With None every page is drawn.
    """

    grid: TileGrid | None = None
    long_edge_px: int | None = None
    dpi: int | None = None
    max_edge_px: int = 4000
    scan_edge_px: int | None = None
    jpeg_quality: int = 90


class PageInfo(Frozen):
    """The facts about a page that are known before it is rendered. `number` is 1-based, `size` in page units.

    `units_per_inch` is 72 for a PDF. For a picture it is the resolution that the file states, None if it states none or
    an implausible one.
    """

    number: int
    size: Size
    unit: PageUnit
    units_per_inch: float | None = None


class PageView(Frozen):
    """The facts about a picture of a page, without the picture.

    `region` is the part of the page that the picture shows, the whole page or less. `page_size` and `region` are in
    page units of the page as displayed. `width_px` and `height_px` are those of the picture, and `digest` is the
    SHA-256 of its encoded bytes in hex. The picture shows the page turned by `turn`; `turn_reason` says why it is
    turned, or why its orientation is not known, and is empty for a page that is plainly upright.
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
        """Return the same facts with the turned page as the page: its size, the region on it, and no turn."""
        size = turned_size(self.page_size, self.turn)
        region = turned_box(self.region, self.page_size, self.turn)
        return self.model_copy(update={"page_size": size, "region": region, "turn": Turn.NONE, "turn_reason": ""})


class PageImage(PageView):
    """A page, or a part of it, as an encoded RGB picture in `data`.

    `levelness` is the ratio by which its lightness changes more from top to bottom than from left to right: well over 1
    for level lines of text. It is None if it was not asked for or the picture could not be decoded.
    """

    media_type: str
    data: bytes
    levelness: float | None = None

    def view(self) -> PageView:
        """Return the facts without the picture."""
        return PageView.model_construct(**{name: getattr(self, name) for name in PageView.model_fields})
