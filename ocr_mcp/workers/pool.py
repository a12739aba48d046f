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
SHORT_SECONDS = 0.05
"""Of processor time that tasks take, up to which another one is sent ahead to a worker that still works."""
_REMEMBERED_TASKS = 9


class WorkerPool:
    """So many workers of one kind, leased to tasks in the order in which they ask.

    A `patient` pool starts another worker only where one cannot serve those who wait within `QUEUE_SECONDS`: that is
    for workers whose start takes longer than most of their tasks. Processor time is what counts: where tasks take long
    because the machine is busy, another worker would not help. Nobody waits for the tasks of another job, which may
    hang.
    """

    def __init__(self, module: str, size: int, limits: WorkerLimits | None = None, *, patient: bool = False) -> None:
        self._workers = tuple(Worker(module, limits=limits) for _ in range(size))
        self._jobs: dict[Worker, list[Hashable]] = {worker: [] for worker in self._workers}
        self._patient = patient
        self._next = anyio.Lock(fast_acquire=True)
        self._freed = anyio.Event()
        self._spent_seconds = deque[float](maxlen=_REMEMBERED_TASKS + 1)

    @asynccontextmanager
    async def lease(
        self, *, job: Hashable = None, prefer: Callable[[Worker], bool] | None = None, alone: bool = False
    ) -> AsyncGenerator[Worker, None]:
        """An idle worker: one that `prefer` likes, else one that runs, else one to be started. Waits for one.

        A patient pool may give one that still works on a task of the same job, unless it is to be `alone`.
        """
        worker = await self._take(job, prefer or _any, alone=alone)
        try:
            yield worker
        finally:
            self._spent_seconds.append(sum(each.cpu_seconds for each in self._workers))
            self._jobs[worker].remove(job)
            self._freed.set()

    @property
    def sandbox(self) -> tuple[str, ...]:
        """What confines the workers; nothing is known before one has started."""
        return next((worker.sandbox for worker in self._workers if worker.generation), ())

    async def aclose(self) -> None:
        """Kill and collect all of them."""
        for worker in self._workers:
            await worker.aclose()

    async def _take(self, job: Hashable, prefer: Callable[[Worker], bool], *, alone: bool) -> Worker:
        async with self._next:
            began = anyio.current_time()
            while not (ready := self._idle_for(job, anyio.current_time() - began)):
                if not alone and (busy := self._soon_free(job, prefer)):
                    ready = busy
                    break
                self._freed = anyio.Event()
                with anyio.move_on_after(STUCK_SECONDS):
                    await self._freed.wait()
            worker = max(reversed(ready), key=prefer)
            self._jobs[worker].append(job)
            return worker

    def _idle_for(self, job: Hashable, waited_seconds: float) -> list[Worker]:
        """The idle ones that run; where there is none, those that it is time to start."""
        idle = [worker for worker in self._workers if not self._jobs[worker]]
        running = [worker for worker in idle if worker.running]
        return running or (idle if self._is_time_to_start(job, waited_seconds) else [])

    def _soon_free(self, job: Hashable, prefer: Callable[[Worker], bool]) -> list[Worker]:
        """Those at which a short task may queue up behind one of the same job."""
        task_seconds = self._task_seconds()
        if not self._patient or task_seconds is None or task_seconds > SHORT_SECONDS:
            return []
        return [each for each in self._workers if each.running and self._jobs[each] == [job] and prefer(each)]

    def _is_time_to_start(self, job: Hashable, waited_seconds: float) -> bool:
        others_work = all(job not in jobs for jobs in self._jobs.values())
        if others_work or not self._patient or waited_seconds >= STUCK_SECONDS:
            return True
        waiting = 1 + self._next.statistics().tasks_waiting
        return waiting * (self._task_seconds() or 0.0) > QUEUE_SECONDS

    def _task_seconds(self) -> float | None:
        """Processor time of the last tasks, on average; None for the first ones, which are sent a document."""
        if len(self._spent_seconds) <= _REMEMBERED_TASKS:
            return None
        return (self._spent_seconds[-1] - self._spent_seconds[0]) / _REMEMBERED_TASKS


def _any(_: Worker) -> bool:
    return True
