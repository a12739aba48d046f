"""Writers of the output formats that are text, which take the pages of a document as they come."""

from typing import Protocol

from ocr_mcp.batch.figure_files import FigureFiles
from ocr_mcp.emitters.markdown import NO_LINKS, MarkdownStream
from ocr_mcp.emitters.streams import DocumentHeader, DocumentStream
from ocr_mcp.model.documents import Page
from ocr_mcp.pipeline import PageResult
from ocr_mcp.sources.documents import OpenSource


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


def encoded(text: str) -> bytes:
    """Text as every product has it: UTF-8, whatever the terminal's encoding."""
    return text.encode("utf-8", "replace")
