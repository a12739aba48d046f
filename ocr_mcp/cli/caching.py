"""The work of `ocr-mcp cache info` and `ocr-mcp cache clear`."""

from ocr_mcp.app.building import open_cache
from ocr_mcp.cache import Cache, CacheInfo
from ocr_mcp.cli.console import write_stdout
from ocr_mcp.errors import OutputError
from ocr_mcp.settings import load_settings

MEGABYTE_BYTES = 1024 * 1024


async def show_cache() -> int:
    """Say where answers are kept, and how much of them. Returns the exit code."""
    async with open_cache(load_settings()) as cache:
        write_stdout("Nothing is kept: OCR_MCP_CACHE_MB is 0." if cache is None else _describe(await cache.info()))
    return 0


async def clear_cache() -> int:
    """Forget every answer. Returns the exit code."""
    async with open_cache(load_settings()) as cache:
        write_stdout(await _clear(cache))
    return 0


async def _clear(cache: Cache | None) -> str:
    if cache is None:
        return "Nothing is kept: OCR_MCP_CACHE_MB is 0."
    count = await cache.clear()
    if cache.problem is not None:
        raise OutputError(cache.problem)
    return f"{count} entries are gone."


def _describe(info: CacheInfo) -> str:
    lines = [
        f"path     {info.path}",
        f"entries  {info.entries}",
        f"size     {info.size_bytes / MEGABYTE_BYTES:.1f} of {info.limit_bytes / MEGABYTE_BYTES:.0f} MB",
    ]
    return "\n".join([*lines, f"problem  {info.problem}"] if info.problem else lines)
