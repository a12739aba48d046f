"""Settings → the parts of a Reader. Each engine's module is imported when the engine is first wanted."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from anyio import to_thread
from platformdirs import user_cache_path
from pydantic import SecretStr

from ocr_mcp.cache import Cache
from ocr_mcp.engines.base import Engine
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.errors import EngineUnavailableError
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.families.registry import family_named
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.settings import Settings
from ocr_mcp.sources.documents import SourceReader
from ocr_mcp.sources.render_limits import RenderLimits

if TYPE_CHECKING:
    from ocr_mcp.engines.orientation.pool import PageLooker


def make_sources(settings: Settings) -> SourceReader:
    """What opens and renders, within the limits and folders of the settings."""
    policy = AccessPolicy(
        allowed_folders=settings.allowed_folders,
        allow_urls=settings.allow_url,
        max_bytes=settings.max_source_mb * 1024 * 1024,
    )
    limits = RenderLimits(render_seconds=settings.render_seconds)
    return SourceReader(policy=policy, render_workers=settings.render_workers, limits=limits)


def make_cache(settings: Settings) -> Cache | None:
    """What keeps predictions for the next time; None where the settings want nothing kept."""
    if settings.cache_mb == 0:
        return None
    folder = settings.cache_folder or user_cache_path("ocr-mcp", appauthor=False)
    return Cache(folder / "predictions.sqlite", limit_bytes=settings.cache_mb * 1024 * 1024)


@asynccontextmanager
async def open_cache(settings: Settings) -> AsyncGenerator[Cache | None]:
    """The cache alone, closed when the block ends."""
    cache = make_cache(settings)
    try:
        yield cache
    finally:
        if cache is not None:
            await cache.aclose()


def make_engine(name: str, settings: Settings, *, profile: ModelFamily | None = None) -> Engine:
    """The engine of that name. `profile` replaces what is known of the model by its name.

    Raises `EngineUnavailableError` where a setting that it needs is missing.
    """
    match name:
        case "ollama":
            return make_ollama(settings, profile=profile)
        case "openai":
            return _make_openai(settings, profile)
        case _:
            from ocr_mcp.engines.embedded.engine import EmbeddedEngine

            return EmbeddedEngine(workers=settings.embedded_workers, page_seconds=settings.page_seconds)


async def load_client(engine: str) -> None:
    """Import what that engine's requests need, in a thread: else the first page waits for it."""
    modules = {"openai": "ocr_mcp.engines.openai.client", "embedded": None}
    module = modules.get(engine, "ocr_mcp.engines.ollama.client")
    if module is not None:
        await to_thread.run_sync(lambda: import_module(module).load(), abandon_on_cancel=True)


def make_looker(embedded: Engine) -> "PageLooker":
    """What sees which way up pages are, with a process for every four cores."""
    from ocr_mcp.engines.orientation.pool import PageLooker

    return PageLooker(embedded, workers=max(1, (os.cpu_count() or 1) // 4))


def make_ollama(settings: Settings, *, model: str | None = None, profile: ModelFamily | None = None) -> Engine:
    """The engine `ollama` with that model, else with the one of the settings."""
    from ocr_mcp.engines.ollama.engine import OllamaEngine

    return OllamaEngine(
        hosts=[settings.ollama_host],
        model=model or settings.model,
        parallel_per_host=settings.ollama_parallel,
        allow_cloud=settings.allow_cloud,
        keep_alive=settings.ollama_keep_alive,
        timeouts=_timeouts(settings),
        api_key=_secret(settings.ollama_api_key),
        profile=profile or _profile(settings),
    )


def _make_openai(settings: Settings, profile: ModelFamily | None) -> Engine:
    if not settings.openai_base_url:
        raise EngineUnavailableError(
            "No OpenAI-compatible endpoint is set.",
            hint="Set OCR_MCP_OPENAI_BASE_URL, for example to http://127.0.0.1:8000/v1.",
        )
    from ocr_mcp.engines.openai.engine import OpenAICompatibleEngine

    return OpenAICompatibleEngine(
        base_url=settings.openai_base_url,
        model=settings.model,
        api_key=_secret(settings.openai_api_key),
        concurrency=settings.openai_parallel,
        timeouts=_timeouts(settings),
        profile=profile or _profile(settings),
    )


def _timeouts(settings: Settings) -> EngineTimeouts:
    return EngineTimeouts(
        first_output_seconds=settings.first_output_seconds,
        stall_seconds=settings.stall_seconds,
        total_seconds=settings.page_seconds,
    )


def _profile(settings: Settings) -> ModelFamily | None:
    return family_named(settings.profile) if settings.profile else None


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
