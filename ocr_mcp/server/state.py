"""What lives as long as the server serves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mcp.server.mcpserver import Context

from ocr_mcp.app import Reader
from ocr_mcp.jobs.store import JobStore, open_store
from ocr_mcp.server.call_limit import Load
from ocr_mcp.server.saving import Saving
from ocr_mcp.settings import Settings


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the tools work with."""

    reader: Reader
    jobs: JobStore
    load: Load
    saving: Saving


ServerContext = Context[ServerState]


@asynccontextmanager
async def open_state(settings: Settings) -> AsyncGenerator[ServerState]:
    """The state; its work and its processes end with the block."""
    async with Reader(settings) as reader, open_store(reader) as jobs:
        yield ServerState(reader=reader, jobs=jobs, load=Load(), saving=Saving(settings.output_folders))
