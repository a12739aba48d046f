"""Composition root: Settings → Reader, the one object that the server and the command line talk to."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream
from pydantic import SecretStr

from ocr_mcp.engines.base import Engine
from ocr_mcp.engines.deadlines import EngineTimeouts
from ocr_mcp.engines.profiles import DEEPSEEK_OCR, ModelProfile
from ocr_mcp.errors import EngineError, EngineUnavailableError, OcrError
from ocr_mcp.model.charts import Figure
from ocr_mcp.model.documents import Document, Page, PageIssue, Reading
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.page_ranges import parse_page_list
from ocr_mcp.model.predictions import EngineIdentity, StopReason, Task
from ocr_mcp.pipeline import (
    ChosenEngine,
    PageResult,
    ReadOptions,
    predict_figure,
    read_page,
    read_pages,
    reading_of,
)
from ocr_mcp.settings import ENGINE_NAMES, Settings, unknown_engine
from ocr_mcp.sources.access import AccessPolicy
from ocr_mcp.sources.documents import OpenSource, RenderLimits, SourceReader


DEFAULT_MODEL = "deepseek-ocr"


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What `ocr-mcp engines` shows of one engine: who it is, or why it cannot read now."""

    name: str
    identity: EngineIdentity | None
    problem: OcrError | None


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

    def document(self, pages: Sequence[PageResult]) -> Document:
        """The document that these pages make."""
        return Document(
            source=self.source.name,
            media_type=self.source.media_type,
            total_pages=self.source.page_count,
            pages=tuple(pages),
            warnings=self._choice.warnings,
        )


class Reader:
    """Reads what the user names with the engine that the settings choose. Use it as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = AsyncExitStack()
        self._engines: dict[str, Engine] = {}
        self._sources = _sources(settings)

    async def __aenter__(self) -> "Reader":
        self._stack.push_async_callback(self._sources.aclose)
        return self

    async def __aexit__(self, *_: object) -> None:
        # Children must be reaped even when the caller was cancelled.
        with anyio.CancelScope(shield=True):
            await self._stack.aclose()

    @asynccontextmanager
    async def reading(
        self, reference: str, options: ReadOptions, *, pages: str = "all", engine: str | None = None
    ) -> AsyncGenerator[DocumentRead]:
        """Open a document and read its pages as a stream; leaving the context stops the work."""
        choice = self._choice(engine)
        async with self._sources.open(reference) as source:
            numbers = parse_page_list(pages, total=source.page_count)
            async with read_pages(source, numbers, choice, options, at_once=self._pages_at_once(engine)) as results:
                yield DocumentRead(source, numbers, results, choice)

    async def read_document(
        self, reference: str, options: ReadOptions, *, pages: str = "all", engine: str | None = None
    ) -> Document:
        """All pages that are asked for. A page that fails is a `PageFailure`; raises where nothing can be opened."""
        async with self.reading(reference, options, pages=pages, engine=engine) as read:
            return read.document([result async for result in read.results])

    async def read_page(
        self, reference: str, number: int, options: ReadOptions, *, engine: str | None = None
    ) -> ReadPage:
        """One page; its failure is raised."""
        choice = self._choice(engine)
        async with self._sources.open(reference) as source:
            page = await read_page(source, number, choice, options)
            return ReadPage(page=page, total_pages=source.page_count, warnings=choice.warnings)

    async def read_figure(
        self, reference: str, number: int, *, region: BoundingBox | None = None, engine: str | None = None
    ) -> ReadFigure:
        """The data of the figure on a page, or in a part of it."""
        from ocr_mcp.parsing.figures import parse_figure

        choice = self._choice(engine)
        async with self._sources.open(reference) as source:
            prediction = await predict_figure(source, number, choice, region)
        cut = prediction.stop is not StopReason.STOP
        figure, issues = parse_figure(prediction.text, cut=cut)
        return ReadFigure(figure=figure, issues=issues, reading=reading_of(prediction), warnings=choice.warnings)

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

    def _pages_at_once(self, name: str | None) -> int:
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
            engine = _make_engine(name, self.settings)
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


def _sources(settings: Settings) -> SourceReader:
    policy = AccessPolicy(
        allowed_folders=settings.allowed_folders,
        allow_urls=settings.allow_url,
        max_bytes=settings.max_source_mb * 1024 * 1024,
    )
    limits = RenderLimits(render_seconds=settings.render_seconds)
    return SourceReader(policy=policy, render_workers=settings.render_workers, limits=limits)


def _make_engine(name: str, settings: Settings) -> Engine:
    """Each engine's module is imported when the engine is first wanted."""
    timeouts = EngineTimeouts(
        first_output_seconds=settings.first_output_seconds,
        stall_seconds=settings.stall_seconds,
        total_seconds=settings.page_seconds,
    )
    match name:
        case "ollama":
            return _make_ollama(settings, timeouts)
        case "openai":
            return _make_openai(settings, timeouts)
        case _:
            from ocr_mcp.engines.embedded import EmbeddedEngine

            return EmbeddedEngine(workers=settings.embedded_workers, page_seconds=settings.page_seconds)


def _make_ollama(settings: Settings, timeouts: EngineTimeouts) -> Engine:
    from ocr_mcp.engines.ollama import OllamaEngine

    return OllamaEngine(
        hosts=[settings.ollama_host],
        model=settings.model or DEFAULT_MODEL,
        parallel_per_host=settings.ollama_parallel,
        allow_cloud=settings.allow_cloud,
        keep_alive=settings.ollama_keep_alive,
        timeouts=timeouts,
        api_key=_secret(settings.ollama_api_key),
        profile=_profile(settings),
    )


def _make_openai(settings: Settings, timeouts: EngineTimeouts) -> Engine:
    if not settings.openai_base_url:
        raise EngineUnavailableError(
            "No OpenAI-compatible endpoint is set.",
            hint="Set OCR_MCP_OPENAI_BASE_URL, for example to http://127.0.0.1:8000/v1.",
        )
    from ocr_mcp.engines.openai import OpenAICompatibleEngine

    return OpenAICompatibleEngine(
        base_url=settings.openai_base_url,
        model=settings.model,
        api_key=_secret(settings.openai_api_key),
        concurrency=settings.openai_parallel,
        timeouts=timeouts,
        profile=_profile(settings),
    )


def _profile(settings: Settings) -> ModelProfile | None:
    return DEEPSEEK_OCR if settings.profile == DEEPSEEK_OCR.name else None


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


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
