"""Documents are written page by page, so that no caller needs to hold all of one.

Each format has its stream. The function for a whole document joins the parts of its stream: the two cannot differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self

from ocr_mcp.model.documents import Document, Page, PageFailure


@dataclass(frozen=True, slots=True)
class DocumentHeader:
    """The facts that are known of a document before its first page is read; the fields are those of `Document`."""

    source: str
    media_type: str
    total_pages: int

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return the header of a document that was read."""
        return cls(source=document.source, media_type=document.media_type, total_pages=document.total_pages)


class DocumentStream(Protocol):
    """Writes one document: `begin` once, `page` for each page in order, `end` once. Each returns the next text."""

    def begin(self, header: DocumentHeader) -> str:
        """Return the text before the first page."""
        ...

    def page(self, result: Page | PageFailure) -> str:
        """Return the text of one page, and the separator before it."""
        ...

    def end(self, warnings: tuple[str, ...]) -> str:
        """Return the text after the last page. The engine's warnings are complete only then."""
        ...


def stream_parts(document: Document, stream: DocumentStream) -> Iterator[str]:
    """Yield all parts that a stream writes for a document that was read."""
    yield stream.begin(DocumentHeader.of(document))
    for page in document.pages:
        yield stream.page(page)
    yield stream.end(document.warnings)
