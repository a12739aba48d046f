"""The one object that the server and the command line talk to."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from ocr_mcp.app.building import load_client, make_cache, make_engine, make_looker, make_sources
from ocr_mcp.app.memory import return_large_blocks
from ocr_mcp.engines.base import Engine
from ocr_mcp.errors import EngineError, OcrError
from ocr_mcp.families.base import ModelProfile
from ocr_mcp.model.charts import Figure
from ocr_mcp.model.documents import Page, PageIssue, Reading
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import PageImage, Raster
from ocr_mcp.model.orientation import PageLook
from ocr_mcp.model.page_ranges import parse_page_list
from ocr_mcp.model.predictions import EngineIdentity, StopReason, Task
from ocr_mcp.model.text_layers import RecognizedSnippet
from ocr_mcp.parsing.joining.hyphens import join_broken_words
from ocr_mcp.pipeline import (
    ChosenEngine,
    IsWanted,
    Orientations,
    PageResult,
    Predictor,
    ReadOptions,
    Rotate,
    Router,
    Verifier,
    predict_figure,
    read_page,
    read_pages,
    reading_of,
)
from ocr_mcp.runtime.background_tasks import companions
from ocr_mcp.settings import ENGINE_NAMES, Settings, unknown_engine
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.sources.renderers import Content
from ocr_mcp.sources.sniffing import is_likely_scan

if TYPE_CHECKING:
    from ocr_mcp.engines.orientation.pool import PageLooker


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What `ocr-mcp engines` shows of one engine: who it is, or why it cannot read now."""

    name: str
    identity: EngineIdentity | None
    problem: OcrError | None


@dataclass(frozen=True, slots=True)
class Described:
    """A document that can be opened, and the pages of it that are asked for. `digest` is the SHA-256 of its bytes."""

    name: str
    digest: str
    total_pages: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page and what it came from."""

    page: Page
    total_pages: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadFigure:
    """A figure's data, how it was read, and what to know about it."""

    figure: Figure
    issues: tuple[PageIssue, ...]
    reading: Reading
    warnings: tuple[str, ...]


class DocumentRead:
    """A document being read: `results` yields its pages in order; `warnings` grows when an engine had to be chosen."""

    def __init__(
        self,
        source: OpenSource,
        numbers: Sequence[int],
        results: MemoryObjectReceiveStream[PageResult],
        choice: "_Choice",
    ) -> None:
        self.source = source
        self.numbers = numbers
        self.results = results
        self._choice = choice

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the engine that reads; empty until a page needed one."""
        return self._choice.warnings


class Reader:
    """Reads what the user names with the engine that the settings choose. Use it as an async context manager.

    `profile` replaces what is known of the model by its name.
    """

    def __init__(self, settings: Settings, *, profile: ModelProfile | None = None) -> None:
        self.settings = settings
        self._profile = profile
        self._stack = AsyncExitStack()
        self._engines: dict[str, Engine] = {}
        self._looker: PageLooker | None = None
        self._look_is_wanted = anyio.Event()
        self._sources = make_sources(settings)
        self._cache = make_cache(settings)
        self._predictor = Predictor(
            self._cache,
            engine_wait_seconds=settings.engine_wait_seconds,
            fallback=(lambda: self._engine("embedded")) if settings.loop_fallback else None,
            orientations=Orientations(self.look_at_page, is_ready=self._is_ready_to_look),
        )
        self._router = Router(self._cache, self.recognize_snippets)
        self._verifier = Verifier(self._predictor, lambda: self._engine("embedded"))

    async def __aenter__(self) -> "Reader":
        return_large_blocks()
        if self._cache:
            self._stack.push_async_callback(self._cache.aclose)
        self._stack.push_async_callback(self._sources.aclose)
        return self

    async def __aexit__(self, *_: object) -> None:
        # Children must be reaped even when the caller was cancelled.
        with anyio.CancelScope(shield=True):
            await self._stack.aclose()

    @asynccontextmanager
    async def reading(
        self,
        reference: str,
        options: ReadOptions,
        *,
        pages: str | Sequence[int] = "all",
        engine: str | None = None,
        is_wanted: IsWanted | None = None,
    ) -> AsyncGenerator[DocumentRead]:
        """Open a document and read its pages as a stream; leaving the context stops the work.

        `pages` is a page list as people write it, or page numbers. `is_wanted` is asked before a page is started.
        """
        choice, options = self._choice(engine), self._with_defaults(options)
        async with self._opened(reference, engine, options) as source:
            numbers = parse_page_list(pages, total=source.page_count) if isinstance(pages, str) else tuple(pages)
            read_one = partial(self._read_one, source, choice, options)
            at_once = self.pages_at_once(engine)
            async with read_pages(numbers, read_one, at_once=at_once, is_wanted=is_wanted) as results:
                yield DocumentRead(source, numbers, results, choice)

    async def describe(self, reference: str, pages: str) -> Described:
        """Open a document, look, and close it. Raises what opening raises, and `PageRangeError`."""
        async with self._sources.open(reference) as source:
            numbers = parse_page_list(pages, total=source.page_count)
            return Described(source.name, source.digest, source.page_count, numbers)

    @property
    def cache_problem(self) -> str | None:
        """Why pages are not kept for the next time, None if they are."""
        return self._cache.problem if self._cache else "Nothing is kept for the next time: the cache is switched off."

    async def read_page(
        self, reference: str, number: int, options: ReadOptions, *, engine: str | None = None
    ) -> ReadPage:
        """One page; its failure is raised."""
        choice, options = self._choice(engine), self._with_defaults(options)
        async with self._opened(reference, engine, options) as source:
            page = await self._read_one(source, choice, options, number)
            return ReadPage(page=page, total_pages=source.page_count, warnings=choice.warnings)

    async def read_figure(
        self, reference: str, number: int, *, region: BoundingBox | None = None, engine: str | None = None
    ) -> ReadFigure:
        """The data of the figure on a page, or in a part of it."""
        from ocr_mcp.parsing.charts.figures import parse_figure

        choice = self._choice(engine)
        async with self._sources.open(reference) as source:
            answer = await predict_figure(source, number, choice, region, self._predictor)
        prediction = answer.prediction
        cut = prediction.stop is not StopReason.STOP
        figure, issues = parse_figure(prediction.text, cut=cut)
        issues = (*answer.issues, *issues)
        return ReadFigure(figure=figure, issues=issues, reading=reading_of(prediction), warnings=choice.warnings)

    async def picture(
        self, reference: str, number: int, *, region: BoundingBox | None = None, max_edge_px: int = 1000
    ) -> PageImage:
        """A page, or a part of it, to look at."""
        return await self.render(reference, number, Raster(long_edge_px=max_edge_px, jpeg_quality=85), region=region)

    async def render(
        self, reference: str, number: int, raster: Raster, *, region: BoundingBox | None = None
    ) -> PageImage:
        """A page, or a part of it, as an engine that wants this raster would get it."""
        async with self._sources.open(reference) as source:
            return await source.render(number, raster, region=region)

    def open_source(self, reference: str) -> AbstractAsyncContextManager[OpenSource]:
        """Open a document to draw or rewrite it. Nothing of it is read."""
        return self._sources.open(reference)

    async def _read_one(self, source: OpenSource, choice: "_Choice", options: ReadOptions, number: int) -> Page:
        page = await read_page(source, number, choice, options, self._predictor, self._router)
        whole = join_broken_words(page.blocks, join=self.settings.join_hyphens)
        page = page if whole == page.blocks else page.model_copy(update={"blocks": whole})
        wants_second = self.settings.verify if options.verify is None else options.verify
        return await self._verifier.verified(source, page, options) if wants_second else page

    async def recognize_snippets(self, pictures: Sequence[bytes]) -> list[RecognizedSnippet]:
        """What stands in pictures of one line each, by the embedded engine, whichever one reads the pages."""
        from ocr_mcp.engines.embedded.engine import EmbeddedEngine

        engine = self._engine("embedded")
        assert isinstance(engine, EmbeddedEngine)  # noqa: S101  that is what its name stands for
        return await engine.recognize_snippets(pictures)

    async def look_at_page(self, image: PageImage, is_level: bool) -> PageLook:
        """Which way up a page is, see `PageLooker`."""
        return await self._page_looker().look(image, is_level=is_level)

    def _page_looker(self) -> "PageLooker":
        if self._looker is None:
            self._looker = make_looker(self._engine("embedded"))
            self._stack.push_async_callback(self._looker.aclose)
        return self._looker

    def _is_ready_to_look(self) -> bool:
        self._look_is_wanted.set()
        return self._looker is not None and self._looker.is_ready

    @asynccontextmanager
    async def _opened(self, reference: str, engine: str | None, options: ReadOptions) -> AsyncGenerator[OpenSource]:
        """A document to read pages of, and what looks at them made ready beside it as soon as it is wanted.

        While a large file is loaded, what the engine needs is imported, and what looks at scans starts: else the first
        page waits for both.
        """

        async def expect_looks(content: Content) -> None:
            is_new_scan = is_likely_scan(content.data) and not await self._router.has_met(content.digest)
            if is_new_scan and options.rotate is Rotate.AUTO:
                self._look_is_wanted.set()

        async with companions() as tasks:
            tasks.start_soon(load_client, engine or self.settings.engine)
            tasks.start_soon(self._make_looker_ready)
            async with self._sources.open(reference, on_loaded=expect_looks) as source:
                yield source

    async def _make_looker_ready(self) -> None:
        """While the model reads the first page: what looks takes a second to start, and that page need not wait."""
        await self._look_is_wanted.wait()
        await self.prepare_looks()

    async def prepare_looks(self) -> None:
        """Have pages looked at before they are read, from the first one on."""
        if not self._page_looker().is_ready:
            await self._page_looker().make_ready()

    def _with_defaults(self, options: ReadOptions) -> ReadOptions:
        return options if options.rotate else replace(options, rotate=self.settings.rotate)

    async def engine_statuses(self) -> list[EngineStatus]:
        """Every engine that is configured, ready or not."""
        return [await self._status(name) for name in ENGINE_NAMES if name != "auto"]

    async def _status(self, name: str) -> EngineStatus:
        try:
            return EngineStatus(name=name, identity=await self._engine(name).identify(), problem=None)
        except EngineError as error:
            return EngineStatus(name=name, identity=None, problem=error)

    def _choice(self, name: str | None) -> "_Choice":
        name = (name or self.settings.engine).strip().lower()
        if name not in ENGINE_NAMES:
            raise unknown_engine(name)
        return _Choice(self, name)

    def pages_at_once(self, name: str | None = None) -> int:
        """How many pages that engine (None: the one of the settings) is given at once."""
        match name or self.settings.engine:
            case "openai":
                return self.settings.openai_parallel
            case "embedded":
                return self._engine("embedded").concurrency
            case "ollama":
                return self._engine("ollama").concurrency
            case _:
                return max(self._engine("ollama").concurrency, self._engine("embedded").concurrency)

    def _engine(self, name: str) -> Engine:
        if name not in self._engines:
            engine = make_engine(name, self.settings, profile=self._profile)
            self._stack.push_async_callback(engine.aclose)
            self._engines[name] = engine
        return self._engines[name]

    async def choose(self, name: str, task: Task) -> ChosenEngine:
        """The engine of that name, or for `auto` the best one that is ready."""
        if name != "auto":
            engine = self._engine(name)
            await engine.identify()
            return ChosenEngine(engine)
        from ocr_mcp.engines.auto import pick_engine

        engine, warning = await pick_engine(self._engine("ollama"), self._engine("embedded"), task)
        return ChosenEngine(engine, () if warning is None else (warning,))


class _Choice:
    """Chooses once for a whole document, when its first page needs an engine; a failure is the same for every page."""

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader = reader
        self._name = name
        self._lock = anyio.Lock()
        self._chosen: ChosenEngine | EngineError | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._chosen.warnings if isinstance(self._chosen, ChosenEngine) else ()

    async def __call__(self, task: Task) -> ChosenEngine:
        async with self._lock:
            if self._chosen is None:
                self._chosen = await self._choose(task)
        if isinstance(self._chosen, EngineError):
            raise self._chosen
        return self._chosen

    async def _choose(self, task: Task) -> ChosenEngine | EngineError:
        try:
            return await self._reader.choose(self._name, task)
        except EngineError as error:
            return error
