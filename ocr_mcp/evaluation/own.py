"""The system that is judged: the Markdown that `ocr-mcp read` writes."""

import re
import time

from ocr_mcp.app import Reader
from ocr_mcp.emitters.markdown import MARGIN_LABELS, document_to_markdown
from ocr_mcp.errors import OcrError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.systems import Output
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.model.documents import Document, Page, PageResult
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.settings import Settings

_PAGE_MARK = re.compile(r"^<!-- page \d+ -->\n*|(?<=^\| )<!-- page \d+ -->[ ]?", re.MULTILINE)
"""The marker of a page on its own line, or in the first row of a table that goes on from the page before."""


class OwnSystem:
    """A `System` that reads pages as `ocr-mcp read` does, with these settings and options and from no cache.

    `profile` replaces what is known of the model by its name.
    """

    def __init__(
        self, name: str, settings: Settings, options: ReadOptions, *, profile: ModelFamily | None = None
    ) -> None:
        self.name = name
        self._options = options
        self._reader = Reader(settings.model_copy(update={"cache_mb": 0}), profile=profile)

    @property
    def concurrency(self) -> int:
        """Number of pages that `ocr-mcp read` has on their way at once."""
        return self._reader.engines.pages_at_once()

    async def __aenter__(self) -> "OwnSystem":
        await self._reader.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.__aexit__()

    async def read(self, case: Case) -> Output:
        """Return the Markdown of the case's pages. Raises an `OcrError` for the first page that failed."""
        started = time.monotonic()
        pages = "all" if case.numbers is None else case.numbers
        document = await self._reader.read(case.source, pages=pages, options=self._options)
        return _to_output(document, case, time.monotonic() - started)


def judged_markdown(document: Document, *, keeps_margins: bool) -> str:
    """Return the document as `ocr-mcp read` writes it, without the markers of pages: no ground truth has them.

    Some tests count every word of the Markdown, comments too.
    """
    shown = document if keeps_margins else _without_margins(document)
    return _PAGE_MARK.sub("", document_to_markdown(shown)).strip("\n")


def _to_output(document: Document, case: Case, seconds: float) -> Output:
    for failure in document.failures:
        raise OcrError(f"Page {failure.number}: {failure.reason}", hint=failure.hint)
    pages = [page for page in document.pages if isinstance(page, Page)]
    reading = pages[0].reading if len(pages) == 1 else None
    return Output(
        markdown=judged_markdown(document, keeps_margins=case.keeps_margins),
        seconds=seconds,
        pages=len(pages),
        issues=tuple(issue for page in pages for issue in page.issues),
        usage=reading.usage if reading else None,
    )


def _without_margins(document: Document) -> Document:
    """Leave out running heads and page numbers after the pages were collected, so that their tables stay linked."""
    return document.model_copy(update={"pages": tuple(map(_body_of, document.pages))})


def _body_of(result: PageResult) -> PageResult:
    if not isinstance(result, Page):
        return result
    return result.model_copy(
        update={"blocks": tuple(block for block in result.blocks if block.label not in MARGIN_LABELS)}
    )
