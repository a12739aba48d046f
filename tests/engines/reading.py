"""An engine for the length of a test."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.ollama.engine import OllamaEngine
from ocr_mcp.families.base import ModelFamily


@asynccontextmanager
async def reading(
    url: str,
    *,
    model: str | None = "deepseek-ocr",
    allow_cloud: bool = False,
    keep_alive: str | None = None,
    profile: ModelFamily | None = None,
    api_key: str | None = None,
) -> AsyncGenerator[OllamaEngine]:
    """An engine on that host, closed afterwards."""
    engine = OllamaEngine(
        hosts=[url],
        model=model,
        allow_cloud=allow_cloud,
        keep_alive=keep_alive,
        profile=profile,
        api_key=api_key,
        timeouts=EngineTimeouts(total_seconds=120),
    )
    try:
        yield engine
    finally:
        await engine.aclose()
