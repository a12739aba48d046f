"""How many workers a pool starts: no more than are needed where starting one is dear."""

import anyio
import anyio.lowlevel
import pytest

from ocr_mcp.workers.pool import MAX_STUCK_SECONDS, WorkerPool
from tests.workers.test_process import MODULE, echo_pid

pytestmark = pytest.mark.anyio


async def pids_of(pool: WorkerPool, tasks: int, *, op: str = "echo", hold_seconds: float = 0.0) -> set[int]:
    """The processes that served so many tasks that came at once, each a call of `op`, and kept for so long."""
    found: set[int] = set()

    async def work() -> None:
        async with pool.lease() as worker:
            await worker.call(op, deadline_seconds=20)
            found.add(await echo_pid(worker))
            await anyio.sleep(hold_seconds)

    async with anyio.create_task_group() as group:
        for _ in range(tasks):
            group.start_soon(work)
    return found


async def test_a_patient_pool_serves_short_tasks_with_one_worker() -> None:
    pool = WorkerPool(MODULE, 3, patient=True)
    assert len(await pids_of(pool, 40)) == 1
    await pool.aclose()


async def test_a_patient_pool_starts_more_workers_where_the_queue_is_long() -> None:
    pool = WorkerPool(MODULE, 2, patient=True)
    assert len(await pids_of(pool, 20, op="toil")) == 2
    await pool.aclose()


async def test_a_patient_pool_starts_no_other_worker_where_the_machine_keeps_one_waiting() -> None:
    pool = WorkerPool(MODULE, 2, patient=True)
    assert len(await pids_of(pool, 20, hold_seconds=0.05)) == 1
    await pool.aclose()


async def test_a_patient_pool_does_not_wait_for_ever_behind_a_task_that_hangs() -> None:
    pool = WorkerPool(MODULE, 2, patient=True)
    async with pool.lease() as hung:
        await echo_pid(hung)
        with anyio.fail_after(20):
            async with pool.lease() as other:
                assert other is not hung
    await pool.aclose()


async def test_a_patient_pool_lets_no_group_wait_for_another_one() -> None:
    pool = WorkerPool(MODULE, 2, patient=True)
    began = anyio.current_time()
    async with pool.lease(group="a"), pool.lease(group="b"):
        assert anyio.current_time() - began < MAX_STUCK_SECONDS / 2
    began = anyio.current_time()
    async with pool.lease(group="a"), pool.lease(group="a"):
        assert anyio.current_time() - began > MAX_STUCK_SECONDS / 2
    await pool.aclose()


async def test_a_pool_of_workers_for_long_tasks_starts_them_at_once() -> None:
    pool = WorkerPool(MODULE, 2)
    async with pool.lease() as one, pool.lease() as two:
        assert one is not two
    await pool.aclose()


async def test_tasks_are_served_in_the_order_in_which_they_came() -> None:
    pool, served = WorkerPool(MODULE, 1), list[int]()

    async def work(number: int) -> None:
        async with pool.lease():
            served.append(number)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        for number in range(9):
            group.start_soon(work, number)
    assert served == list(range(9))
    await pool.aclose()
