"""The seam between a batch and whoever shows how far it is: a terminal, a log, a queue."""

from typing import Protocol

from ocr_mcp.batch.summary import DocumentSummary
from ocr_mcp.pipeline import PageResult


class Observer(Protocol):
    """Follows a batch, one document after the other. Calls must not block: the next page waits for them.

    A document that could not be opened begins with `document_failed`; every other one begins with `document_opened`.
    Each ends with one of the last three calls.
    """

    def document_opened(self, name: str, page_count: int) -> None:
        """Take note of a document of which `page_count` pages are read. `name` is its path where there are several."""
        ...

    def page_done(self, result: PageResult) -> None:
        """Take note of the next page of the document, which is written already."""
        ...

    def document_finished(self, summary: DocumentSummary) -> None:
        """Take note of a result. Its `error`, if any, says what is missing beside it."""
        ...

    def document_failed(self, summary: DocumentSummary) -> None:
        """Take note of a document without a result. Its `error` is None where every page failed by itself."""
        ...

    def document_stopped(self, summary: DocumentSummary) -> None:
        """Take note of a document that was cut short from outside."""
        ...
