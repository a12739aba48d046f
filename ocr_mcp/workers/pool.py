"""Several workers of one kind, started as they are needed."""

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
    for workers whose start takes longer than most of their tasks. Processor time is what counts: where tasks take long
    because the machine is busy, another worker would not help. Nobody waits for the tasks of another job, which may
    hang.
    """

    def __init__(self, module: str, size: int, limits: WorkerLimits | None = None, *, patient: bool = False) -> None:
        self._workers = tuple(Worker(module, limits=limits) for _ in range(size))
        self._jobs: dict[Worker, Hashable] = {}
        self._patient = patient
        self._next = anyio.Lock(fast_acquire=True)
        self._freed = anyio.Event()
        self._spent_seconds = deque[float](maxlen=_REMEMBERED_TASKS + 1)

    @asynccontextmanager
    async def lease(
        self, *, job: Hashable = None, prefer: Callable[[Worker], bool] | None = None
    ) -> AsyncGenerator[Worker, None]:
        """An idle worker: one that `prefer` likes, else one that runs, else one to be started. Waits for one."""
        worker = await self._take(job, prefer or _any)
        try:
            yield worker
        finally:
            self._spent_seconds.append(sum(each.cpu_seconds for each in self._workers))
            del self._jobs[worker]
            self._freed.set()

    @property
    def sandbox(self) -> tuple[str, ...]:
        """What confines the workers; nothing is known before one has started."""
        return next((worker.sandbox for worker in self._workers if worker.generation), ())

    async def aclose(self) -> None:
        """Kill and collect all of them."""
        for worker in self._workers:
            await worker.aclose()

    async def _take(self, job: Hashable, prefer: Callable[[Worker], bool]) -> Worker:
        async with self._next:
            began = anyio.current_time()
            while not (ready := self._idle_for(job, anyio.current_time() - began)):
                self._freed = anyio.Event()
                with anyio.move_on_after(STUCK_SECONDS):
                    await self._freed.wait()
            worker = max(reversed(ready), key=prefer)
            self._jobs[worker] = job
            return worker

    def _idle_for(self, job: Hashable, waited_seconds: float) -> list[Worker]:
        """The idle ones that run; where there is none, those that it is time to start."""
        idle = [worker for worker in self._workers if worker not in self._jobs]
        running = [worker for worker in idle if worker.running]
        return running or (idle if self._is_time_to_start(job, waited_seconds) else [])

    def _is_time_to_start(self, job: Hashable, waited_seconds: float) -> bool:
        others_work = job not in self._jobs.values()
        if others_work or not self._patient or waited_seconds >= STUCK_SECONDS:
            return True
        waiting = 1 + self._next.statistics().tasks_waiting
        return waiting * self._task_seconds() > QUEUE_SECONDS

    def _task_seconds(self) -> float:
        """Processor time of the last tasks, on average; none for the first ones, which are sent a document."""
        if len(self._spent_seconds) <= _REMEMBERED_TASKS:
            return 0.0
        return (self._spent_seconds[-1] - self._spent_seconds[0]) / _REMEMBERED_TASKS


def _any(_: Worker) -> bool:
    return True
