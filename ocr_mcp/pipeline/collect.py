"""From pages to a document: the one place that decides what happens to pages on the way.

A page is finished by itself as soon as it is read. It is collected when its turn comes: only then is it known what the
page before it ended with. All front ends read their pages from here, so they all get the same ones.
"""

from collections.abc import AsyncIterator
from typing import Self

from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import Page, PageFailure, PageResult
from ocr_mcp.parsing.joining.continued_tables import TableTail, follow_tables
from ocr_mcp.parsing.joining.hyphens import join_broken_words


def finish_page(page: Page, *, join_hyphens: bool) -> Page:
    """Return the page with its broken words resolved; with `join_hyphens` False their hyphens stay.

    A second opinion compares whole words, so it is made of the finished page.
    """
    blocks = join_broken_words(page.blocks, join=join_hyphens)
    return page if blocks == page.blocks else page.model_copy(update={"blocks": blocks})


def failure_of(number: int, error: OcrError) -> PageFailure:
    """Return the failure that stands in the place of a page that could not be read."""
    return PageFailure(number=number, code=error.code, reason=error.message, hint=error.hint)


def failure_by_bug(number: int) -> PageFailure:
    """Return the failure of a page whose reading met a bug. The traceback belongs in the log."""
    return PageFailure(
        number=number,
        code=OcrError.code,
        reason="This page met a bug in ocr-mcp.",
        hint="Run with OCR_MCP_LOG_LEVEL=DEBUG and report the traceback from the log.",
    )


class Collector:
    """Links the pages of one document. Pages may come in any order and in several reads of the same document.

    Nothing is kept of a page but the table at its end, and that only until the page after it was read: memory stays
    flat however long the document is. A table is linked where the page before it was collected first.
    """

    def __init__(self) -> None:
        self._tails: dict[int, TableTail] = {}

    def add(self, result: PageResult) -> PageResult:
        """Return the page, linked to the table of the page before if it goes on with that."""
        linked, tail = follow_tables(result, self._tails.get(result.number - 1))
        if isinstance(linked, Page):  # a page that failed may be read again, and then goes on with the same table
            self._tails.pop(linked.number - 1, None)
        if tail is not None:
            self._tails[linked.number] = tail
        return linked


class CollectedPages:
    """The pages of a stream, each collected when it is taken: a page that nobody took can be read again later."""

    def __init__(self, results: AsyncIterator[PageResult], collector: Collector) -> None:
        self._results = results
        self._collector = collector

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> PageResult:
        return self._collector.add(await anext(self._results))
