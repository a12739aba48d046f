"""Several workers of one kind, started as they are needed."""

import statistics
from collections import deque
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager

import anyio

from ocr_mcp.workers.process import Worker, WorkerLimits

QUEUE_SECONDS = 0.25
"""How long the last of those who wait for a patient pool may have to wait before another worker is started."""
STUCK_SECONDS = 1.0
"""How long the first of them may have to wait."""
_REMEMBERED_TASKS = 9


class WorkerPool:
    """So many workers of one kind, leased one task at a time, in the order in which tasks ask.

    A `patient` pool starts another worker only where one cannot serve those who wait within `QUEUE_SECONDS`: that is
    for workers whose start takes longer than most of their tasks. Nobody waits for the tasks of another job, which may
    hang.
    """

    def __init__(self, module: str, size: int, limits: WorkerLimits | None = None, *, patient: bool = False) -> None:
        self._workers = tuple(Worker(module, limits=limits) for _ in range(size))
        self._idle = list(self._workers)
        self._jobs: dict[Worker, Hashable] = {}
        self._patient = patient
        self._next = anyio.Lock(fast_acquire=True)
        self._freed = anyio.Event()
        self._took_seconds = deque[float](maxlen=_REMEMBERED_TASKS)

    @asynccontextmanager
    async def lease(
        self, *, job: Hashable = None, prefer: Callable[[Worker], bool] | None = None
    ) -> AsyncGenerator[Worker, None]:
        """An idle worker: one that `prefer` likes, else one that runs, else one to be started. Waits for one."""
        worker = await self._take(job, prefer)
        began = anyio.current_time()
        try:
            yield worker
        finally:
            self._took_seconds.append(anyio.current_time() - began)
            del self._jobs[worker]
            self._idle.append(worker)
            self._freed.set()

    @property
    def sandbox(self) -> tuple[str, ...]:
        """What confines the workers; nothing is known before one has started."""
        return next((worker.sandbox for worker in self._workers if worker.generation), ())

    async def aclose(self) -> None:
        """Kill and collect all of them."""
        for worker in self._workers:
            await worker.aclose()

    async def _take(self, job: Hashable, prefer: Callable[[Worker], bool] | None) -> Worker:
        async with self._next:
            began = anyio.current_time()
            while not (ready := self._ready(job, anyio.current_time() - began)):
                self._freed = anyio.Event()
                with anyio.move_on_after(STUCK_SECONDS):
                    await self._freed.wait()
            worker = max(reversed(ready), key=prefer or _any)
            self._idle.remove(worker)
            self._jobs[worker] = job
            return worker

    def _ready(self, job: Hashable, waited_seconds: float) -> list[Worker]:
        """The idle ones that run; where there is none, those that it is time to start."""
        running = [worker for worker in self._idle if worker.running]
        return running or (self._idle if self._is_time_to_start(job, waited_seconds) else [])

    def _is_time_to_start(self, job: Hashable, waited_seconds: float) -> bool:
        others_work = job not in self._jobs.values()
        if others_work or not self._patient or waited_seconds >= STUCK_SECONDS:
            return True
        if len(self._took_seconds) < _REMEMBERED_TASKS:  # the first ones start a worker and send it a document
            return False
        waiting = 1 + self._next.statistics().tasks_waiting
        # The median, because one task counts as long when this process was busy with something else.
        return waiting * statistics.median(self._took_seconds) > QUEUE_SECONDS


def _any(_: Worker) -> bool:
    return True
