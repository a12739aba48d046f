"""Writers of the output formats, which take the pages of a document as they come."""

from typing import Protocol

from ocr_mcp.batch.figure_files import FigureFiles
from ocr_mcp.emitters.html_viewer import HtmlStream, PagePicture
from ocr_mcp.emitters.markdown import NO_LINKS, MarkdownStream
from ocr_mcp.emitters.searchable import page_words
from ocr_mcp.emitters.streams import DocumentHeader, DocumentStream
from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import Page
from ocr_mcp.model.images import Raster
from ocr_mcp.model.placed_words import encode_words
from ocr_mcp.pipeline import PageResult
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.sources.pdf_writing import write_searchable_pdf

VIEWER_RASTER = Raster(long_edge_px=1000, jpeg_quality=75)


class DocumentWriter(Protocol):
    """Writes one document: `begin` once, `page` for each page in order, `end` once. Each returns the next bytes."""

    def begin(self, header: DocumentHeader) -> bytes:
        """Return the bytes before the first page."""
        ...

    async def page(self, result: PageResult) -> bytes:
        """Return the bytes of one page."""
        ...

    async def end(self, warnings: tuple[str, ...]) -> bytes:
        """Return the bytes after the last page. The engine's warnings are complete only then."""
        ...


class StreamWriter:
    """A format that is made of the pages' text alone."""

    def __init__(self, stream: DocumentStream) -> None:
        self._stream = stream

    def begin(self, header: DocumentHeader) -> bytes:
        """See `DocumentWriter`."""
        return encoded(self._stream.begin(header))

    async def page(self, result: PageResult) -> bytes:
        """See `DocumentWriter`."""
        return encoded(self._stream.page(result))

    async def end(self, warnings: tuple[str, ...]) -> bytes:
        """See `DocumentWriter`."""
        return encoded(self._stream.end(warnings))


class MarkdownWriter(StreamWriter):
    """Markdown, whose figures are files of their own where a place for them is given."""

    def __init__(self, source: OpenSource | None, figures: FigureFiles | None) -> None:
        self._markdown = MarkdownStream()
        super().__init__(self._markdown)
        self._source, self._figures = source, figures

    async def page(self, result: PageResult) -> bytes:
        """Write the page's figures, then return the page that shows them."""
        links = NO_LINKS
        if self._figures is not None and self._source is not None and isinstance(result, Page):
            links = await self._figures.write(result, self._source)
        return encoded(self._markdown.page(result, links))


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


def encoded(text: str) -> bytes:
    """Text as every product has it: UTF-8, whatever the terminal's encoding."""
    return text.encode("utf-8", "replace")


async def _picture(source: OpenSource, number: int) -> PagePicture | None:
    try:
        image = await source.render(number, VIEWER_RASTER)
    except OcrError:
        return None
    return PagePicture(data=image.data, width_px=image.width_px, height_px=image.height_px)
