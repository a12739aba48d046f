"""What writes a document in the form that was asked for, from its pages as they come."""

from typing import Protocol

from ocr_mcp.app import DocumentRead
from ocr_mcp.batch.figure_files import FigureFiles
from ocr_mcp.emitters.html_viewer import HtmlStream, PagePicture
from ocr_mcp.emitters.json_document import JsonStream
from ocr_mcp.emitters.markdown import NO_LINKS, MarkdownStream
from ocr_mcp.emitters.searchable import page_words
from ocr_mcp.emitters.streams import DocumentHeader, DocumentStream
from ocr_mcp.emitters.text import TextStream
from ocr_mcp.errors import OcrError, OutputError
from ocr_mcp.model.documents import Page
from ocr_mcp.model.images import Raster
from ocr_mcp.model.placed_words import encode_words
from ocr_mcp.pipeline import PageResult
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.sources.pdf_writing import write_searchable_pdf

VIEWER_RASTER = Raster(long_edge_px=1000, jpeg_quality=75)

EXTENSIONS = {"markdown": "md", "text": "txt", "json": "json", "html": "html", "pdf": "pdf"}


class DocumentWriter(Protocol):
    """Writes one document: `begin` once, `page` for each page in order, `end` once. Each returns the next bytes."""

    @property
    def problem(self) -> OutputError | None:
        """What could not be written beside the document."""
        ...

    def begin(self, header: DocumentHeader) -> bytes:
        """What comes before the first page."""
        ...

    async def page(self, result: PageResult, source: OpenSource) -> bytes:
        """One page, whose picture may be asked of the source."""
        ...

    async def end(self, read: DocumentRead) -> bytes:
        """What comes after the last page."""
        ...


class StreamWriter:
    """A format that is made of text alone."""

    def __init__(self, stream: DocumentStream) -> None:
        self._stream = stream

    @property
    def problem(self) -> OutputError | None:
        """See `DocumentWriter`."""
        return None

    def begin(self, header: DocumentHeader) -> bytes:
        """See `DocumentWriter`."""
        return encoded(self._stream.begin(header))

    async def page(self, result: PageResult, source: OpenSource) -> bytes:
        """See `DocumentWriter`."""
        del source
        return encoded(self._stream.page(result))

    async def end(self, read: DocumentRead) -> bytes:
        """See `DocumentWriter`."""
        return encoded(self._stream.end(read.warnings))


class MarkdownWriter(StreamWriter):
    """Markdown whose figures are files."""

    def __init__(self, figures: FigureFiles) -> None:
        self._markdown = MarkdownStream()
        super().__init__(self._markdown)
        self._figures = figures

    @property
    def problem(self) -> OutputError | None:
        """See `DocumentWriter`."""
        return self._figures.problem

    async def page(self, result: PageResult, source: OpenSource) -> bytes:
        """The page's figures are written before the page that shows them."""
        links = await self._figures.write(result, source) if isinstance(result, Page) else NO_LINKS
        return encoded(self._markdown.page(result, links))


class HtmlWriter(StreamWriter):
    """The viewer, with a picture of each page."""

    def __init__(self) -> None:
        self._html = HtmlStream()
        super().__init__(self._html)

    async def page(self, result: PageResult, source: OpenSource) -> bytes:
        """A page that cannot be drawn has no picture."""
        return encoded(self._html.page(result, await _picture(source, result.number)))


class PdfWriter:
    """The searchable PDF, which comes at the end, all at once."""

    def __init__(self) -> None:
        self.problem: OutputError | None = None
        self._lines: list[bytes] = []

    def begin(self, header: DocumentHeader) -> bytes:
        """Nothing yet."""
        del header
        return b""

    async def page(self, result: PageResult, source: OpenSource) -> bytes:
        """Nothing yet: the words are kept."""
        del source
        words = page_words(result) if isinstance(result, Page) else ()
        if words:
            self._lines.append(encode_words(result.number, words))
        return b""

    async def end(self, read: DocumentRead) -> bytes:
        """The whole document, also the pages that were not asked for."""
        return await write_searchable_pdf(read.source, self._lines)


def make_writer(output_format: str, figures: FigureFiles | None) -> DocumentWriter:
    """What writes that format; figures are files where a place for them is given."""
    match output_format:
        case "json":
            return StreamWriter(JsonStream())
        case "text":
            return StreamWriter(TextStream())
        case "html":
            return HtmlWriter()
        case "pdf":
            return PdfWriter()
        case _:
            return StreamWriter(MarkdownStream()) if figures is None else MarkdownWriter(figures)


def encoded(text: str) -> bytes:
    """Text as every product has it: UTF-8, whatever the terminal's encoding."""
    return text.encode("utf-8", "replace")


async def _picture(source: OpenSource, number: int) -> PagePicture | None:
    try:
        image = await source.render(number, VIEWER_RASTER)
    except OcrError:
        return None
    return PagePicture(data=image.data, width_px=image.width_px, height_px=image.height_px)
