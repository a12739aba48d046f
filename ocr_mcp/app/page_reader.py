"""Everything that reading pages needs, put together from the settings."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from ocr_mcp.app.building import load_client, make_cache, make_sources
from ocr_mcp.app.configured_engines import ConfiguredEngines
from ocr_mcp.app.page_looks import PageLooks
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.model.documents import Page
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.options import Rotate
from ocr_mcp.model.page_readings import FigureReading
from ocr_mcp.model.read_options import ReadOptions
from ocr_mcp.pipeline import (
    ChooseEngine,
    Orientations,
    Predictor,
    Router,
    Verifier,
    finish_page,
    read_figure,
    read_page,
)
from ocr_mcp.runtime.background_tasks import companions
from ocr_mcp.settings import Settings
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.sources.renderers import Content
from ocr_mcp.sources.sniffing import is_likely_scan


class PageReader:
    """Opens documents and reads their pages one by one. `profile` replaces what is known of the model by its name."""

    def __init__(self, settings: Settings, *, profile: ModelFamily | None = None) -> None:
        self.engines = ConfiguredEngines(settings, profile=profile)
        self.sources = make_sources(settings)
        self.cache = make_cache(settings)
        self.looks = PageLooks(self.engines)
        self._settings = settings
        self._predictor = Predictor(
            self.cache,
            engine_wait_seconds=settings.engine_wait_seconds,
            fallback=self.engines.get_embedded if settings.loop_fallback else None,
            orientations=Orientations(self.looks.look, is_ready=self.looks.is_ready),
        )
        self._router = Router(self.cache, self.engines.recognize_snippets)
        self._verifier = Verifier(self._predictor, self.engines.get_embedded)

    async def aclose(self) -> None:
        """End every process and close every connection: those first that use the others."""
        async with AsyncExitStack() as stack:
            if self.cache:
                stack.push_async_callback(self.cache.aclose)
            stack.push_async_callback(self.sources.aclose)
            stack.push_async_callback(self.engines.aclose)
            stack.push_async_callback(self.looks.aclose)

    @asynccontextmanager
    async def open(self, reference: str, engine: str, options: ReadOptions) -> AsyncGenerator[OpenSource]:
        """Open a document to read its pages with the engine of that name.

        While a large file is loaded, the modules that the engine needs are imported and the processes that look at
        scans are started: otherwise the first page would wait for both.
        """

        async def expect_looks(content: Content) -> None:
            is_new_scan = is_likely_scan(content.data) and not await self._router.has_met(content.digest)
            if is_new_scan and options.rotate is Rotate.AUTO:
                self.looks.expect()

        async with companions() as tasks:
            tasks.start_soon(load_client, engine)
            tasks.start_soon(self.looks.prepare_when_expected)
            async with self.sources.open(reference, on_loaded=expect_looks) as source:
                yield source

    async def read(self, source: OpenSource, choose: ChooseEngine, options: ReadOptions, number: int) -> Page:
        """Read one page of an open document. Raises the `OcrError` that stopped it."""
        page = await read_page(source, number, choose, options, self._predictor, self._router)
        page = finish_page(page, join_hyphens=self._settings.join_hyphens)
        wants_second = self._settings.verify if options.verify is None else options.verify
        return await self._verifier.verify(source, page, options) if wants_second else page

    async def read_figure(
        self, source: OpenSource, choose: ChooseEngine, region: BoundingBox | None, number: int
    ) -> FigureReading:
        """Read the figure on a page of an open document, or in a part of the page. Raises `OcrError`."""
        return await read_figure(source, number, choose, region, self._predictor)
