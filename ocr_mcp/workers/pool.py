"""A pool of workers of one kind, which are started when they are needed."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager

import anyio

from ocr_mcp.workers.process import Worker, WorkerLimits

MAX_QUEUE_SECONDS = 0.25
"""Expected wait of the last task in the queue of a patient pool above which another worker is started."""
MAX_STUCK_SECONDS = 1.0
"""Wait of the first task in that queue after which another worker is started in any case."""
_AVERAGED_TASKS = 9


class WorkerPool:
    """`size` workers of one kind, each leased to one task at a time, in the order in which tasks ask.

    A `patient` pool starts another worker only where the running ones cannot serve the queue within
    `MAX_QUEUE_SECONDS`: that suits workers whose start takes longer than most of their tasks. The expected wait is
    counted in processor time, because another worker does not help where tasks take long on a busy machine. No task
    waits for the tasks of another group, which may hang.
    """

    def __init__(self, module: str, size: int, limits: WorkerLimits | None = None, *, patient: bool = False) -> None:
        self._workers = tuple(Worker(module, limits=limits) for _ in range(size))
        self._groups: dict[Worker, Hashable] = {}
        self._patient = patient
        self._queue = anyio.Lock(fast_acquire=True)
        self._freed = anyio.Event()
        self._spent_cpu_seconds = deque[float](maxlen=_AVERAGED_TASKS + 1)

    @asynccontextmanager
    async def lease(
        self, *, group: Hashable = None, prefer: Callable[[Worker], bool] | None = None
    ) -> AsyncGenerator[Worker, None]:
        """Lease an idle worker, and wait for one if need be.

        A worker that runs comes before one that is not started yet; of these one that `prefer` accepts comes first.
        `group` names the tasks that may wait for each other, for example those of one document.
        """
        worker = await self._take(group, prefer or _accept_any)
        try:
            yield worker
        finally:
            self._spent_cpu_seconds.append(sum(each.cpu_seconds for each in self._workers))
            del self._groups[worker]
            self._freed.set()

    @property
    def sandbox(self) -> tuple[str, ...]:
        """Layers of the sandbox that confines the workers; empty before one has started."""
        return next((worker.sandbox for worker in self._workers if worker.generation), ())

    async def aclose(self) -> None:
        """Kill and collect all workers."""
        for worker in self._workers:
            await worker.aclose()

    async def _take(self, group: Hashable, prefer: Callable[[Worker], bool]) -> Worker:
        async with self._queue:
            began = anyio.current_time()
            while not (ready := self._find_ready(group, anyio.current_time() - began)):
                self._freed = anyio.Event()
                with anyio.move_on_after(MAX_STUCK_SECONDS):
                    await self._freed.wait()
            worker = max(reversed(ready), key=prefer)
            self._groups[worker] = group
            return worker

    def _find_ready(self, group: Hashable, waited_seconds: float) -> list[Worker]:
        """Return the idle workers that run, else those that it is time to start."""
        idle = [worker for worker in self._workers if worker not in self._groups]
        running = [worker for worker in idle if worker.running]
        return running or (idle if self._is_time_to_start(group, waited_seconds) else [])

    def _is_time_to_start(self, group: Hashable, waited_seconds: float) -> bool:
        is_first_of_group = group not in self._groups.values()
        if is_first_of_group or not self._patient or waited_seconds >= MAX_STUCK_SECONDS:
            return True
        waiting = 1 + self._queue.statistics().tasks_waiting
        return waiting * self._average_cpu_seconds() > MAX_QUEUE_SECONDS

    def _average_cpu_seconds(self) -> float:
        """Return the average processor time of the last tasks; 0 after the first ones, which are sent a document."""
        if len(self._spent_cpu_seconds) <= _AVERAGED_TASKS:
            return 0.0
        return (self._spent_cpu_seconds[-1] - self._spent_cpu_seconds[0]) / _AVERAGED_TASKS


def _accept_any(_: Worker) -> bool:
    return True
