"""The system that is judged: what `ocr-mcp read` makes of the pages."""

import time
from collections.abc import Sequence

from ocr_mcp.app import Reader
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.errors import OcrError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.systems import Output
from ocr_mcp.families.base import ModelProfile
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.documents import Page, PageFailure
from ocr_mcp.pipeline import PageResult, ReadOptions
from ocr_mcp.settings import Settings

MARGINS = frozenset({BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER})


class OwnSystem:
    """A `System`: what `ocr-mcp read` makes of the pages with these settings and options, from no cache.

    `profile` replaces what is known of the model.
    """

    def __init__(
        self, name: str, settings: Settings, options: ReadOptions, *, profile: ModelProfile | None = None
    ) -> None:
        self.name = name
        self._options = options
        self._reader = Reader(settings.model_copy(update={"cache_mb": 0}), profile=profile)

    @property
    def concurrency(self) -> int:
        """As many pages as `ocr-mcp read` has on their way at once."""
        return self._reader.pages_at_once()

    async def __aenter__(self) -> "OwnSystem":
        await self._reader.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.__aexit__()

    async def read(self, case: Case) -> Output:
        """The Markdown of all pages of the case; the first failure of a page is raised."""
        started = time.monotonic()
        pages = "all" if case.numbers is None else case.numbers
        async with self._reader.reading(case.source, self._options, pages=pages) as read:
            results = [result async for result in read.results]
        return _output([_page(result) for result in results], case, time.monotonic() - started)


def _page(result: PageResult) -> Page:
    if isinstance(result, PageFailure):
        raise OcrError(f"Page {result.number}: {result.reason}", hint=result.hint)
    return result


def _output(pages: Sequence[Page], case: Case, seconds: float) -> Output:
    shown = pages if case.keeps_margins else [_without_margins(page) for page in pages]
    reading = pages[0].reading if len(pages) == 1 else None
    return Output(
        markdown="\n\n".join(map(page_to_markdown, shown)),
        seconds=seconds,
        pages=len(pages),
        issues=tuple(issue for page in pages for issue in page.issues),
        usage=reading.usage if reading else None,
    )


def _without_margins(page: Page) -> Page:
    return page.model_copy(update={"blocks": tuple(block for block in page.blocks if block.label not in MARGINS)})
