"""The parts that live as long as the server serves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mcp.server.mcpserver import Context

from ocr_mcp.app import Reader
from ocr_mcp.jobs.store import JobStore, open_store
from ocr_mcp.runtime.background_tasks import companions
from ocr_mcp.server.call_limit import Load
from ocr_mcp.server.saving import Saving
from ocr_mcp.settings import Settings


@dataclass(frozen=True, slots=True)
class ServerState:
    """The parts that the tools work with."""

    reader: Reader
    jobs: JobStore
    load: Load
    saving: Saving


ServerContext = Context[ServerState]


@asynccontextmanager
async def open_state(settings: Settings) -> AsyncGenerator[ServerState]:
    """Open the state. Its work and its processes end with the block."""
    async with Reader(settings) as reader, open_store(reader) as jobs, companions() as tasks:
        saving = Saving(settings.output_folders, reader, tasks)
        yield ServerState(reader=reader, jobs=jobs, load=Load(), saving=saving)
