"""A request that is sent while the worker still answers another one: nothing is lost or mixed up, whatever happens."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import anyio
import pytest
from anyio.abc import TaskGroup

from ocr_mcp.workers.pool import WorkerPool
from ocr_mcp.workers.process import (
    BUSY_SECONDS,
    Worker,
    WorkerBusyError,
    WorkerDiedError,
    WorkerLimits,
    WorkerTimeoutError,
)
from tests.workers.test_process import MODULE, echo_pid, started

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def working(op: str) -> AsyncGenerator[tuple[Worker, TaskGroup]]:
    """A worker in the middle of a call of `op`, and the group of the task that made it, which is waited for."""
    async with started() as worker:
        await echo_pid(worker)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(partial(worker.call, op, deadline_seconds=60))
            await anyio.wait_all_tasks_blocked()
            yield worker, tasks


async def test_many_calls_at_once_get_each_its_own_answer() -> None:
    answers: dict[int, object] = {}
    async with started() as worker, anyio.create_task_group() as tasks:

        async def ask(number: int) -> None:
            header, _ = await worker.call("echo", {"number": number}, deadline_seconds=10)
            answers[number] = header["arguments"]

        for number in range(40):
            tasks.start_soon(ask, number)
    assert answers == {number: {"number": number} for number in range(40)}


async def test_a_call_behind_one_that_dies_or_hangs_is_answered_by_the_next_process() -> None:
    async with started() as worker:
        for op, error in (("die", WorkerDiedError), ("hang", WorkerTimeoutError)):
            first = await echo_pid(worker)
            found: list[int] = []
            async with anyio.create_task_group() as tasks:

                async def fail(op: str = op, error: type[Exception] = error) -> None:
                    with pytest.raises(error):
                        await worker.call(op, deadline_seconds=0.3)

                async def follow(found: list[int] = found) -> None:
                    found.append(await echo_pid(worker))

                tasks.start_soon(fail)
                tasks.start_soon(follow)
            assert found != [first]


async def test_a_call_does_not_wait_long_behind_one_that_hangs() -> None:
    async with working("hang") as (worker, tasks):
        began = anyio.current_time()
        with pytest.raises(WorkerBusyError):
            await echo_pid(worker)
        assert BUSY_SECONDS <= anyio.current_time() - began < 3 * BUSY_SECONDS
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            assert await echo_pid(worker)


async def test_a_call_that_is_given_up_leaves_no_answer_to_the_next_one() -> None:
    async with working("toil") as (worker, _):
        async with anyio.create_task_group() as given_up:
            given_up.start_soon(echo_pid, worker)
            await anyio.wait_all_tasks_blocked()
            given_up.cancel_scope.cancel()
        header, _ = await worker.call("echo", {"number": 2}, deadline_seconds=10)
        assert header["arguments"] == {"number": 2}


async def test_a_worker_that_has_served_its_calls_is_replaced_also_where_more_wait() -> None:
    pids: list[int] = []
    async with started(WorkerLimits(calls=3)) as worker, anyio.create_task_group() as tasks:

        async def ask() -> None:
            pids.append(await echo_pid(worker))

        for _ in range(9):
            tasks.start_soon(ask)
    assert sorted(pids.count(pid) for pid in set(pids)) == [3, 3, 3]


async def test_short_tasks_of_one_job_are_sent_ahead_and_others_are_not() -> None:
    pool = WorkerPool(MODULE, 1, patient=True)
    for _ in range(12):
        async with pool.lease(job="a") as worker:
            await echo_pid(worker)
    async with pool.lease(job="a") as one:
        async with pool.lease(job="a") as two:
            assert one is two
        leases = (pool.lease(job="b"), pool.lease(job="a", alone=True), pool.lease(job="a", prefer=lambda _: False))
        for lease in leases:
            with anyio.move_on_after(0.1) as scope:
                async with lease:
                    pass
            assert scope.cancelled_caught
    await pool.aclose()
