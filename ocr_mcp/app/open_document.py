"""Documents that were opened: the facts about one, and one whose pages are being read."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.model.documents import Document, PageResult

if TYPE_CHECKING:
    from ocr_mcp.sources.documents import OpenSource


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document that can be opened. `digest` is the SHA-256 of its bytes; `numbers` are the pages that were asked for.

    Page numbers are 1-based and in the order in which they were asked for.
    """

    name: str
    digest: str
    total_pages: int
    numbers: tuple[int, ...]


class OpenDocument:
    """A document whose pages are being read.

    `results` yields the pages of `numbers`, in that order and each as soon as it is ready: hyphens at line ends are
    resolved, and a table that goes on from the page before says so. A page that cannot be read is a `PageFailure`.
    `source` draws pictures of its pages, as long as the document is open.
    """

    def __init__(
        self,
        source: "OpenSource",
        numbers: Sequence[int],
        results: AsyncIterator[PageResult],
        warnings: Callable[[], tuple[str, ...]],
    ) -> None:
        self.source = source
        self.numbers = numbers
        self.results = results
        self._warnings = warnings

    @property
    def header(self) -> DocumentHeader:
        """The facts that a document begins with."""
        source = self.source
        return DocumentHeader(source=source.name, media_type=source.media_type, total_pages=source.page_count)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about the choice of the engine; empty until a page needed one."""
        return self._warnings()

    async def read_all(self) -> Document:
        """Return the pages that `results` still has to give, as one document. All of them are held in memory."""
        pages = [result async for result in self.results]
        header = self.header
        return Document(
            source=header.source,
            media_type=header.media_type,
            total_pages=header.total_pages,
            pages=tuple(pages),
            warnings=self.warnings,
        )
