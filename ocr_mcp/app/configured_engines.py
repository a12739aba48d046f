"""The engines that the settings configure: made when they are first needed, chosen once for each document."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import anyio

from ocr_mcp.engines.base import Engine
from ocr_mcp.engines.registry import ENGINE_NAMES, engine_entry, make_engine
from ocr_mcp.errors import EngineError, OcrError
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.model.predictions import EngineIdentity, Task
from ocr_mcp.model.text_layers import RecognizedSnippet
from ocr_mcp.pipeline import ChosenEngine
from ocr_mcp.settings import Settings


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """One engine as `ocr-mcp engines` shows it: its identity, or the problem that keeps it from reading now."""

    name: str
    identity: EngineIdentity | None
    problem: OcrError | None


class ConfiguredEngines:
    """Holds the engines of one `Reader` until they are closed.

    `profile` replaces the facts that are known of the model by its name.
    """

    def __init__(self, settings: Settings, *, profile: ModelFamily | None = None) -> None:
        self._settings = settings
        self._profile = profile
        self._stack = AsyncExitStack()
        self._engines: dict[str, Engine] = {}

    def checked_name(self, name: str | None) -> str:
        """Return the engine's name as it is spelled here; None is the engine of the settings.

        Raises `UnknownEngineError`.
        """
        return engine_entry(name or self._settings.engine).name

    def choice(self, name: str | None) -> "EngineChoice":
        """Return the choice of an engine for one document. Raises `UnknownEngineError`."""
        return EngineChoice(self, self.checked_name(name))

    def get(self, name: str) -> Engine:
        """Return the engine of that name, which is not `auto`. Raises `EngineUnavailableError` without its settings."""
        if name not in self._engines:
            engine = make_engine(name, self._settings, profile=self._profile)
            self._stack.push_async_callback(engine.aclose)
            self._engines[name] = engine
        return self._engines[name]

    def get_embedded(self) -> Engine:
        """Return the embedded engine, which is always there."""
        return self.get("embedded")

    async def choose(self, name: str, task: Task) -> ChosenEngine:
        """Return the engine of that name, or for `auto` the best one that is ready. Raises `EngineError`."""
        if name != "auto":
            engine = self.get(name)
            await engine.identify()
            return ChosenEngine(engine)
        from ocr_mcp.engines.auto import pick_engine

        engine, warning = await pick_engine(self.get("ollama"), self.get_embedded(), task)
        return ChosenEngine(engine, () if warning is None else (warning,))

    def pages_at_once(self, name: str | None = None) -> int:
        """Return how many pages that engine is given at once. Raises `UnknownEngineError`."""
        match self.checked_name(name):
            case "auto":
                return max(self.get("ollama").concurrency, self.get_embedded().concurrency)
            case "openai":  # the engine cannot be made without its address, and then every page says so
                return self._settings.openai_parallel
            case known:
                return self.get(known).concurrency

    async def statuses(self) -> list[EngineStatus]:
        """Return the status of every engine, ready or not."""
        return [await self._status(name) for name in ENGINE_NAMES if name != "auto"]

    async def recognize_snippets(self, pictures: Sequence[bytes]) -> list[RecognizedSnippet]:
        """Read pictures of one line each with the embedded engine, whichever engine reads the pages."""
        from ocr_mcp.engines.embedded.engine import EmbeddedEngine

        engine = self.get_embedded()
        assert isinstance(engine, EmbeddedEngine)  # noqa: S101  its name stands for this class
        return await engine.recognize_snippets(pictures)

    async def aclose(self) -> None:
        """Close every engine that was made."""
        await self._stack.aclose()

    async def _status(self, name: str) -> EngineStatus:
        try:
            return EngineStatus(name=name, identity=await self.get(name).identify(), problem=None)
        except EngineError as error:
            return EngineStatus(name=name, identity=None, problem=error)


class EngineChoice:
    """Chooses the engine of one document when its first page needs one; an error is the same for every page."""

    def __init__(self, engines: ConfiguredEngines, name: str) -> None:
        self.name = name
        self._engines = engines
        self._lock = anyio.Lock()
        self._chosen: ChosenEngine | EngineError | None = None

    def warnings(self) -> tuple[str, ...]:
        """Return the sentences about the choice; empty until it was made."""
        return self._chosen.warnings if isinstance(self._chosen, ChosenEngine) else ()

    async def __call__(self, task: Task) -> ChosenEngine:
        """Return the engine for this document. Raises `EngineError`."""
        async with self._lock:
            if self._chosen is None:
                self._chosen = await self._choose(task)
        if isinstance(self._chosen, EngineError):
            raise self._chosen
        return self._chosen

    async def _choose(self, task: Task) -> ChosenEngine | EngineError:
        try:
            return await self._engines.choose(self.name, task)
        except EngineError as error:
            return error
