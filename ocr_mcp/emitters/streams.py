"""A document written page by page, so that nobody needs to hold all of it.

Each format has its stream. The function for a whole document is the sum of its stream's parts: the two cannot differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, Self

from ocr_mcp.model.documents import Document, Page, PageFailure


@dataclass(frozen=True, slots=True)
class DocumentHeader:
    """What is known of a document before its first page is read; the fields are those of `Document`."""

    source: str
    media_type: str
    total_pages: int

    @classmethod
    def of(cls, document: Document) -> Self:
        """The header of a document that is there already."""
        return cls(source=document.source, media_type=document.media_type, total_pages=document.total_pages)


class DocumentStream(Protocol):
    """Writes one document: `begin` once, `page` for each page in order, `end` once. Each returns the next text."""

    def begin(self, header: DocumentHeader) -> str:
        """What comes before the first page."""
        ...

    def page(self, result: Page | PageFailure) -> str:
        """One page, with what separates it from the one before."""
        ...

    def end(self, warnings: tuple[str, ...]) -> str:
        """What comes after the last page. The engine's warnings are complete only then."""
        ...


def stream_parts(document: Document, stream: DocumentStream) -> Iterator[str]:
    """All that a stream writes for a document that is there already."""
    yield stream.begin(DocumentHeader.of(document))
    for page in document.pages:
        yield stream.page(page)
    yield stream.end(document.warnings)
