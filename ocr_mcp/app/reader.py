"""The one object that every front end and every Python program reads with.

Importing this module is cheap, and must stay so: programs import it at their start. The parts are imported when a
`Reader` is made.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

from ocr_mcp.app.open_document import DocumentFacts, OpenDocument
from ocr_mcp.model.documents import Document, PageResult
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import PageImage, Raster
from ocr_mcp.model.page_ranges import parse_page_list
from ocr_mcp.model.page_readings import FigureReading, PageReading
from ocr_mcp.model.read_options import AS_CONFIGURED, ReadOptions

if TYPE_CHECKING:
    from ocr_mcp.app.configured_engines import ConfiguredEngines
    from ocr_mcp.app.page_feed import PageFeed
    from ocr_mcp.families.base import ModelFamily
    from ocr_mcp.pipeline import Collector, IsWanted
    from ocr_mcp.settings import Settings
    from ocr_mcp.sources.documents import OpenSource


class Reader:
    """Reads scans, PDFs and pictures with the engine that the settings choose. Use it as an async context manager.

        async with Reader.open() as reader:
            document = await reader.read("scan.pdf")

    One `Reader` reads any number of documents, also at the same time, and keeps its processes and connections until it
    is left. `profile` replaces what is known of the model by its name.

    A source is a path, a `file:` or `data:` URL or, where the settings allow it, an `http(s):` URL. Page numbers are
    1-based; regions are in page units: points for PDFs, pixels for pictures, origin top left. `engine` is `auto`,
    `ollama`, `openai` or `embedded`; None is the engine of the settings. Errors are `OcrError`s, each with a `message`,
    a `hint` and a `code`.
    """

    def __init__(self, settings: "Settings", *, profile: "ModelFamily | None" = None) -> None:
        from ocr_mcp.app.page_reader import PageReader

        self.settings = settings
        self._parts = PageReader(settings, profile=profile)
        self._feeds: WeakSet[PageFeed] = WeakSet()

    @classmethod
    def open(cls, settings: "Settings | None" = None, **overrides: object) -> Self:
        """Return a reader with these settings, by default those of the environment (`OCR_MCP_…`).

        `overrides` are fields of `Settings`: `Reader.open(engine="embedded", cache_mb=0)`. They are for settings of the
        environment; `settings` that are given are taken as they are. Raises `UsageError` for a setting that does not
        exist or has no such value, and for both at once.
        """
        from ocr_mcp.app.overrides import chosen_settings

        return cls(chosen_settings(settings, overrides))

    async def __aenter__(self) -> Self:
        from ocr_mcp.app.memory import return_large_blocks

        return_large_blocks()
        return self

    async def __aexit__(self, *_: object) -> None:
        from anyio import CancelScope

        # Children must be reaped even when the caller was cancelled.
        with CancelScope(shield=True):
            for feed in tuple(self._feeds):
                await feed.stop()
            await self._parts.aclose()

    async def read(
        self,
        source: str | PathLike[str],
        *,
        pages: str | Sequence[int] = "all",
        options: ReadOptions = AS_CONFIGURED,
        engine: str | None = None,
    ) -> Document:
        """Read a document and return it with all pages that were asked for.

        `pages` is `all`, a list as people write it (`1-3,8`), or page numbers. A page that cannot be read is a
        `PageFailure` in its place, and `Document.status` says whether there is one: it is not raised. Raises
        `SourceError` for a document that cannot be opened, `PageRangeError` for a page that it does not have.
        """
        async with self.reading(fspath(source), options, pages=pages, engine=engine) as document:
            return await document.read_all()

    def pages(
        self,
        source: str | PathLike[str],
        *,
        pages: str | Sequence[int] = "all",
        options: ReadOptions = AS_CONFIGURED,
        engine: str | None = None,
    ) -> AsyncGenerator[PageResult]:
        """Return the pages of a document in order, each as soon as it is ready; the arguments are those of `read`.

        Only a few pages are in memory at a time, however long the document is. Leaving the loop stops the work, the
        model's too:

            async for page in reader.pages("long.pdf"):
                if isinstance(page, Page) and "Total" in to_markdown(page):
                    break

        A loop that is left is stopped soon afterwards, at the latest when the reader is left. `contextlib.aclosing`
        waits for it: `async with aclosing(reader.pages("long.pdf")) as pages: …`.
        """
        from ocr_mcp.app.page_feed import PageFeed

        feed = PageFeed(self.reading(fspath(source), options, pages=pages, engine=engine))
        self._feeds.add(feed)
        return feed.pages()

    @asynccontextmanager
    async def reading(
        self,
        reference: str,
        options: ReadOptions,
        *,
        pages: str | Sequence[int] = "all",
        engine: str | None = None,
        is_wanted: "IsWanted | None" = None,
        collector: "Collector | None" = None,
    ) -> AsyncGenerator[OpenDocument]:
        """Open a document and read its pages as a stream; leaving the context stops the work.

        `is_wanted` is asked before a page is started. `collector` is for a document that is read in several goes: it
        remembers the pages of the earlier ones.
        """
        from ocr_mcp.pipeline import CollectedPages, Collector, read_pages

        choice, options = self.engines.choice(engine), self._with_defaults(options)
        async with self._parts.open(reference, choice.name, options) as source:
            numbers = parse_page_list(pages, total=source.page_count) if isinstance(pages, str) else tuple(pages)
            read_one = partial(self._parts.read, source, choice, options)
            at_once = self.engines.pages_at_once(choice.name)
            async with read_pages(numbers, read_one, at_once=at_once, is_wanted=is_wanted) as results:
                collected = CollectedPages(results, collector or Collector())
                yield OpenDocument(source, numbers, collected, choice.warnings)

    async def describe(self, reference: str, pages: str) -> DocumentFacts:
        """Open a document, look, and close it. Raises the errors of opening, and `PageRangeError`."""
        async with self._parts.sources.open(reference) as source:
            numbers = parse_page_list(pages, total=source.page_count)
            return DocumentFacts(source.name, source.digest, source.page_count, numbers)

    async def read_page(
        self,
        reference: str | PathLike[str],
        number: int,
        options: ReadOptions = AS_CONFIGURED,
        *,
        engine: str | None = None,
    ) -> PageReading:
        """Read one page. Raises the `OcrError` that stopped it."""
        choice, options = self.engines.choice(engine), self._with_defaults(options)
        async with self._parts.open(fspath(reference), choice.name, options) as source:
            page = await self._parts.read(source, choice, options, number)
            return PageReading(page=page, total_pages=source.page_count, warnings=choice.warnings())

    async def read_figure(
        self,
        reference: str | PathLike[str],
        number: int,
        *,
        region: BoundingBox | None = None,
        engine: str | None = None,
    ) -> FigureReading:
        """Read the data of the figure on a page, or in a part of it. Raises the `OcrError` that stopped it."""
        choice = self.engines.choice(engine)
        async with self._parts.sources.open(fspath(reference)) as source:
            return await self._parts.read_figure(source, choice, region, number)

    async def picture(
        self, reference: str, number: int, *, region: BoundingBox | None = None, max_edge_px: int = 1000
    ) -> PageImage:
        """Draw a page, or a part of it, to look at."""
        return await self.render(reference, number, Raster(long_edge_px=max_edge_px, jpeg_quality=85), region=region)

    async def render(
        self, reference: str, number: int, raster: Raster, *, region: BoundingBox | None = None
    ) -> PageImage:
        """Draw a page, or a part of it, as an engine that wants this raster would get it."""
        async with self._parts.sources.open(reference) as source:
            return await source.render(number, raster, region=region)

    def open_source(self, reference: str) -> AbstractAsyncContextManager["OpenSource"]:
        """Open a document to draw or rewrite it. Nothing of it is read."""
        return self._parts.sources.open(reference)

    async def prepare_looks(self) -> None:
        """Start the processes that look which way up pages are, so that the first page is looked at too."""
        await self._parts.looks.prepare()

    @property
    def engines(self) -> "ConfiguredEngines":
        """The engines that the settings configure."""
        return self._parts.engines

    @property
    def cache_problem(self) -> str | None:
        """The reason why pages are not kept for the next time; None if they are."""
        cache = self._parts.cache
        return cache.problem if cache else "Nothing is kept for the next time: the cache is switched off."

    def _with_defaults(self, options: ReadOptions) -> ReadOptions:
        return options if options.rotate else replace(options, rotate=self.settings.rotate)
