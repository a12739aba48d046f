"""Makes the parts of a Reader from settings."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio import to_thread
from platformdirs import user_cache_path

from ocr_mcp.cache import Cache
from ocr_mcp.engines import registry
from ocr_mcp.engines.base import Engine
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.settings import Settings
from ocr_mcp.sources.documents import SourceReader
from ocr_mcp.sources.render_limits import RenderLimits

if TYPE_CHECKING:
    from ocr_mcp.engines.orientation.pool import PageLooker


def make_sources(settings: Settings) -> SourceReader:
    """Return the reader of sources, within the limits and folders of the settings."""
    policy = AccessPolicy(
        allowed_folders=settings.allowed_folders,
        allow_urls=settings.allow_url,
        max_bytes=settings.max_source_mb * 1024 * 1024,
    )
    limits = RenderLimits(render_seconds=settings.render_seconds)
    return SourceReader(policy=policy, render_workers=settings.render_workers, limits=limits)


def make_cache(settings: Settings) -> Cache | None:
    """Return the cache of predictions; None where the settings switch it off."""
    if settings.cache_mb == 0:
        return None
    folder = settings.cache_folder or user_cache_path("ocr-mcp", appauthor=False)
    return Cache(folder / "predictions.sqlite", limit_bytes=settings.cache_mb * 1024 * 1024)


@asynccontextmanager
async def open_cache(settings: Settings) -> AsyncGenerator[Cache | None]:
    """Open the cache alone, and close it when the block ends."""
    cache = make_cache(settings)
    try:
        yield cache
    finally:
        if cache is not None:
            await cache.aclose()


async def load_client(engine: str) -> None:
    """Import what that engine's requests need in a thread, so that the first page does not wait for it."""
    await to_thread.run_sync(registry.load_client, engine, abandon_on_cancel=True)


def make_looker(embedded: Engine) -> "PageLooker":
    """Return the pool that sees which way up pages are, with a process for every four cores."""
    from ocr_mcp.engines.orientation.pool import PageLooker

    return PageLooker(embedded, workers=max(1, (os.cpu_count() or 1) // 4))
