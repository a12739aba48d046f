"""Finds out which way up pages are, in a child process that is ready sooner than the one that reads."""

from contextlib import suppress

from ocr_mcp.engines.base import Engine
from ocr_mcp.errors import EngineCrashedError, EngineError, EngineTimeoutError
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.orientation import PageLook
from ocr_mcp.workers.pool import WorkerPool
from ocr_mcp.workers.process import WorkerError, WorkerLimits, WorkerTimeoutError

MAX_LOOK_SECONDS = 20.0
"""Far more than a look takes, because the process may have to start on a busy machine."""

MAX_MEMORY_BYTES = 4_000_000_000
"""Limit of address space, of which onnxruntime maps more than it uses."""

_MAX_CALLS = 20_000


class PageLooker:
    """Worker processes for `look`.

    `embedded` is the engine whose models they run. `is_ready` says that a look would begin at once.
    """

    def __init__(self, embedded: Engine, *, workers: int = 1) -> None:
        self.is_ready = False
        self._embedded = embedded
        limits = WorkerLimits(memory_bytes=MAX_MEMORY_BYTES, calls=_MAX_CALLS)
        self._pool = WorkerPool("ocr_mcp.engines.orientation.worker", size=workers, limits=limits)

    @property
    def sandbox(self) -> tuple[str, ...]:
        """Means that confine the processes that look, see `ocr_mcp.workers.sandbox`; empty before one has started."""
        return self._pool.sandbox

    async def make_ready(self) -> None:
        """Start a process. An error that keeps it from starting is raised by the look that needs it."""
        with suppress(EngineError, WorkerError):
            await self._embedded.identify()
            async with self._pool.lease() as worker:
                await worker.start()
        self.is_ready = True

    async def look(self, image: PageImage, *, is_level: bool = False) -> PageLook:
        """Find out which way the text on a page runs. Raises an `EngineError` where that cannot be seen.

        Takes 80 ms, or mostly 25 for a page whose lines are known to be level.
        """
        await self._embedded.identify()
        try:
            async with self._pool.lease() as worker:
                _, answer = await worker.call(
                    "look", {"is_level": is_level}, image.data, deadline_seconds=MAX_LOOK_SECONDS
                )
        except WorkerTimeoutError as error:
            raise EngineTimeoutError(f"Looking at the page took over {MAX_LOOK_SECONDS:.0f} s.", hint=_HINT) from error
        except WorkerError as error:
            raise EngineCrashedError("The process that looks at pages failed.", hint=_HINT) from error
        return PageLook.model_validate_json(answer)

    async def aclose(self) -> None:
        """End the child processes."""
        await self._pool.aclose()


_HINT = "Say how pages are to be turned: OCR_MCP_ROTATE=0 reads them as they are."
