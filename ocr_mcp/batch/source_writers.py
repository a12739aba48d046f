"""Writers of the output formats that draw or rewrite the source document."""

from ocr_mcp.batch.writers import StreamWriter, encoded
from ocr_mcp.emitters.html_viewer import HtmlStream, PagePicture
from ocr_mcp.emitters.searchable import page_words
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import Page
from ocr_mcp.model.images import Raster
from ocr_mcp.model.placed_words import encode_words
from ocr_mcp.pipeline import PageResult
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.sources.pdf_writing import write_searchable_pdf

VIEWER_RASTER = Raster(long_edge_px=1000, jpeg_quality=75)


class HtmlWriter(StreamWriter):
    """The viewer, with a picture of each page."""

    def __init__(self, source: OpenSource) -> None:
        self._html = HtmlStream()
        super().__init__(self._html)
        self._source = source

    async def page(self, result: PageResult) -> bytes:
        """Return the page, without a picture where it cannot be drawn."""
        return encoded(self._html.page(result, await _picture(self._source, result.number)))


class PdfWriter:
    """The searchable PDF, which comes at the end, all at once."""

    def __init__(self, source: OpenSource) -> None:
        self._source = source
        self._lines: list[bytes] = []

    def begin(self, header: DocumentHeader) -> bytes:
        """Return nothing yet."""
        del header
        return b""

    async def page(self, result: PageResult) -> bytes:
        """Keep the words of the page, and return nothing yet."""
        words = page_words(result) if isinstance(result, Page) else ()
        if words:
            self._lines.append(encode_words(result.number, words))
        return b""

    async def end(self, warnings: tuple[str, ...]) -> bytes:
        """Return the whole document, also the pages that were not asked for."""
        del warnings
        return await write_searchable_pdf(self._source, self._lines)


async def _picture(source: OpenSource, number: int) -> PagePicture | None:
    try:
        image = await source.render(number, VIEWER_RASTER)
    except OcrError:
        return None
    return PagePicture(data=image.data, width_px=image.width_px, height_px=image.height_px)
