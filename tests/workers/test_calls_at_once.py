"""Calls that come while the worker still answers another one: nothing is lost or mixed up, whatever happens."""

from functools import partial

import anyio
import pytest

from ocr_mcp.workers.process import WorkerDiedError, WorkerLimits, WorkerTimeoutError
from tests.workers.test_process import echo_pid, started

pytestmark = pytest.mark.anyio


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


async def test_a_call_that_is_given_up_leaves_no_answer_to_the_next_one() -> None:
    async with started() as worker, anyio.create_task_group() as tasks:
        await echo_pid(worker)
        tasks.start_soon(partial(worker.call, "toil", deadline_seconds=60))
        await anyio.wait_all_tasks_blocked()
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
