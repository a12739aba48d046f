"""The processes that parse documents, and which of them holds which document."""

from contextlib import suppress
from dataclasses import dataclass

from ocr_mcp.errors import CorruptSourceError
from ocr_mcp.sources.render_limits import RenderLimits, opening_failed
from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.handover import Payload
from ocr_mcp.workers.pool import WorkerPool
from ocr_mcp.workers.process import Worker, WorkerError, WorkerLimits, WorkerStartError

WORKER_MODULE = "ocr_mcp.sources.render_worker.worker"
_ATTEMPTS_TO_HOLD = 3
_CALLS_OF_A_WORKER = 2000  # about 500 pages of four calls each: describe, measure, text layer, render


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a document, a name to show, and their SHA-256 in hex."""

    name: str
    data: Payload
    digest: str


class Renderers:
    """The pool of render workers, and which document each one opened last."""

    def __init__(self, size: int, limits: RenderLimits) -> None:
        self.limits = limits
        worker_limits = WorkerLimits(memory_bytes=limits.memory_bytes, calls=_CALLS_OF_A_WORKER)
        self._pool = WorkerPool(WORKER_MODULE, size, worker_limits, patient=True)
        self._latest: dict[Worker, tuple[int, str]] = {}

    @property
    def sandbox(self) -> tuple[str, ...]:
        """What confines the workers; empty before one has started."""
        return self._pool.sandbox

    async def ask(self, content: Content, op: str, arguments: Header, *, seconds: float) -> tuple[Header, bytes]:
        """The answer of a worker that holds the document, sent to it first where needed."""
        wanted: Header = {"digest": content.digest, **arguments}

        def holds(worker: Worker) -> bool:
            return self._latest.get(worker) == (worker.generation, content.digest)

        async with self._pool.lease(group=content.digest, prefer=holds) as worker:
            for _ in range(_ATTEMPTS_TO_HOLD):
                header, payload = await worker.call(op, wanted, deadline_seconds=seconds)
                if header.get("missing") is not True:
                    return header, payload
                await self._open(worker, content)
        raise CorruptSourceError(f"'{content.name}' could not be kept open.", hint="Try again.")

    async def warm(self) -> None:
        """Start a worker. One that does not start says so when it is needed."""
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
            raise opening_failed(error, content.name, self.limits) from error
        self._latest[worker] = (worker.generation, content.digest)
