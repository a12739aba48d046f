"""What is wanted by several at once is computed by one."""

import anyio
import pytest

from ocr_mcp.errors import EngineUnavailableError
from ocr_mcp.pipeline.single_flight import Flights

pytestmark = pytest.mark.anyio


class Counted:
    """Computes slowly, and counts how often."""

    def __init__(self, error: Exception | None = None) -> None:
        self.count = 0
        self._error = error

    async def __call__(self) -> str:
        self.count += 1
        await anyio.sleep(0.5)
        if self._error is not None:
            raise self._error
        return "done"


async def test_the_same_thing_wanted_twice_at_once_is_computed_once() -> None:
    flights, compute, results = Flights[str](), Counted(), list[str]()

    async def want() -> None:
        results.append(await flights.run("key", compute))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(want)
    assert (compute.count, results) == (1, ["done"] * 3)


async def test_another_thing_does_not_wait() -> None:
    flights, one, other = Flights[str](), Counted(), Counted()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(flights.run, "one", one)
        tasks.start_soon(flights.run, "other", other)
    assert (one.count, other.count) == (1, 1)


async def test_a_failure_is_everybodys() -> None:
    flights, compute, errors = Flights[str](), Counted(EngineUnavailableError("gone", hint="")), list[str]()

    async def want() -> None:
        try:
            await flights.run("key", compute)
        except EngineUnavailableError as error:
            errors.append(error.message)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(want)
        tasks.start_soon(want)
    assert (compute.count, errors) == (1, ["gone", "gone"])


async def test_when_the_one_that_computes_is_cancelled_another_takes_over() -> None:
    flights, compute, results = Flights[str](), Counted(), list[str]()

    async def want() -> None:
        results.append(await flights.run("key", compute))

    async with anyio.create_task_group() as tasks:
        first = anyio.CancelScope()

        async def want_first() -> None:
            with first:
                await want()

        tasks.start_soon(want_first)
        await anyio.sleep(0.05)
        tasks.start_soon(want)
        await anyio.sleep(0.05)
        first.cancel()
    assert (compute.count, results) == (2, ["done"])
