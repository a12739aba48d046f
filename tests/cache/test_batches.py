"""Operations of many tasks share visits to a thread, and each gets its own result."""

import threading
from pathlib import Path

import anyio
import pytest
from anyio import CapacityLimiter

from ocr_mcp.cache import Cache
from ocr_mcp.cache.batches import Batches

pytestmark = pytest.mark.anyio


async def test_operations_that_come_together_run_in_their_order_in_few_visits() -> None:
    batches, order, threads = Batches(CapacityLimiter(1)), list[int](), list[int]()
    results: dict[int, int] = {}
    gate = threading.Event()

    async def ask(number: int) -> None:
        def work() -> int:
            gate.wait(5)
            order.append(number)
            threads.append(threading.get_ident())
            return number * number

        results[number] = await batches.run(work)

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(ask, number)
        await anyio.sleep(0.02)  # all have asked; the first one is in its thread
        gate.set()
    assert order == list(range(20))
    assert results == {number: number * number for number in range(20)}
    assert threading.get_ident() not in threads


async def test_an_error_reaches_only_the_task_whose_operation_raised_it() -> None:
    batches = Batches(CapacityLimiter(1))
    outcomes: list[str] = []

    async def ask(divisor: int) -> None:
        try:
            outcomes.append(f"{await batches.run(lambda: 6 // divisor)}")
        except ZeroDivisionError:
            outcomes.append("divided by zero")

    async with anyio.create_task_group() as tasks:
        for divisor in (2, 0, 3):
            tasks.start_soon(ask, divisor)
    assert sorted(outcomes) == ["2", "3", "divided by zero"]


async def test_a_task_that_is_cancelled_before_its_turn_takes_its_operation_back() -> None:
    batches, gate, ran = Batches(CapacityLimiter(1)), threading.Event(), list[str]()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(batches.run, lambda: gate.wait(5))
        await anyio.sleep(0.02)
        with anyio.move_on_after(0.02):
            await batches.run(lambda: ran.append("late"))
        gate.set()
    assert await batches.run(lambda: "next") == "next"
    assert ran == []


async def test_a_value_for_later_is_found_at_once_and_kept_with_the_next_value_or_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    cache, other = Cache(path), Cache(path)
    cache.put_later("one", b"1")
    assert await cache.get_many(("one", "two")) == {"one": b"1"}
    assert await other.get("one") is None
    await cache.put("two", b"2")
    assert await other.get_many(("one", "two")) == {"one": b"1", "two": b"2"}
    cache.put_later("three", b"3")
    await cache.aclose()
    assert await other.get("three") == b"3"
    await other.aclose()


async def test_a_value_is_got_or_else_claimed_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    cache = Cache(path)
    assert await cache.get_or_claim("key") is True
    await cache.put("key", b"value")
    assert await cache.get_or_claim("key") == b"value"
    await cache.aclose()
