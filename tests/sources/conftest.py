"""Readers and files for the tests of sources."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.sources.documents import SourceReader
from ocr_mcp.sources.render_limits import RenderLimits

SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """As for all tests, but one event loop for a module, so that its tests share a worker."""
    return "asyncio"


@pytest.fixture(scope="module")
async def reader() -> AsyncGenerator[SourceReader, None]:
    """May read everything, with one worker."""
    async with closing_reader(RenderLimits()) as reader:
        yield reader


@pytest.fixture(scope="module")
async def hasty_reader() -> AsyncGenerator[SourceReader, None]:
    """Gives a page up after a second and a half."""
    async with closing_reader(RenderLimits(render_seconds=1.5)) as reader:
        yield reader


@asynccontextmanager
async def closing_reader(limits: RenderLimits) -> AsyncGenerator[SourceReader, None]:
    policy = AccessPolicy(allowed_folders=None, allow_urls=False)
    reader = SourceReader(policy=policy, render_workers=1, limits=limits)
    try:
        yield reader
    finally:
        await reader.aclose()


@pytest.fixture
def shared_data() -> Path:
    """Real documents, which are not part of the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the collection of real documents is not on this machine")
    return SHARED_DATA
