"""The pool of processes that parse documents, and the knowledge of which process holds which document."""

from contextlib import suppress
from dataclasses import dataclass

from ocr_mcp.errors import CorruptSourceError
from ocr_mcp.sources.render_limits import RenderLimits, describe_opening_failure
from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.handover import Payload
from ocr_mcp.workers.pool import WorkerPool
from ocr_mcp.workers.process import Worker, WorkerError, WorkerLimits, WorkerStartError

WORKER_MODULE = "ocr_mcp.sources.render_worker.worker"
_MAX_SENDINGS = 3
"""Times that a worker is sent a document for one question before it counts as impossible to keep open."""
_MAX_WORKER_CALLS = 2000
"""Calls after which a fresh process takes a worker's place: 500 pages of up to four calls each."""


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of a document, its name for display, and the SHA-256 of the bytes in hex."""

    name: str
    data: Payload
    digest: str


class Renderers:
    """The pool of render workers, with the document that each worker opened last."""

    def __init__(self, size: int, limits: RenderLimits) -> None:
        self.limits = limits
        worker_limits = WorkerLimits(memory_bytes=limits.memory_bytes, calls=_MAX_WORKER_CALLS)
        self._pool = WorkerPool(WORKER_MODULE, size, worker_limits, patient=True)
        self._latest: dict[Worker, tuple[int, str]] = {}

    @property
    def sandbox(self) -> tuple[str, ...]:
        """Layers of the sandbox that confines the workers; empty before one has started."""
        return self._pool.sandbox

    async def ask(self, content: Content, op: str, arguments: Header, *, seconds: float) -> tuple[Header, bytes]:
        """Return the answer of a worker that holds the document. A worker that does not is sent the document first."""
        wanted: Header = {"digest": content.digest, **arguments}

        def holds(worker: Worker) -> bool:
            return self._latest.get(worker) == (worker.generation, content.digest)

        async with self._pool.lease(group=content.digest, prefer=holds) as worker:
            for _ in range(_MAX_SENDINGS):
                header, payload = await worker.call(op, wanted, deadline_seconds=seconds)
                if header.get("missing") is not True:
                    return header, payload
                await self._open(worker, content)
        raise CorruptSourceError(f"'{content.name}' could not be kept open.", hint="Try again.")

    async def warm(self) -> None:
        """Start a worker. If it does not start, the first question to it says so."""
        async with self._pool.lease() as worker:
            with suppress(WorkerStartError):
                await worker.start()

    async def aclose(self) -> None:
        """End the workers."""
        await self._pool.aclose()

    async def _open(self, worker: Worker, content: Content) -> None:
        arguments: Header = {"digest": content.digest, "name": content.name}
        try:
            await worker.call("open", arguments, content.data, deadline_seconds=self.limits.open_seconds)
        except WorkerError as error:
            raise describe_opening_failure(error, content.name, self.limits) from error
        self._latest[worker] = (worker.generation, content.digest)
