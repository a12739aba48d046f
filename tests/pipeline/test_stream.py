"""Many pages as a stream: in order, bounded, each failure its own."""

from collections.abc import Callable

import anyio
import pytest

from ocr_mcp.errors import EngineTimeoutError
from ocr_mcp.model.documents import Page, PageFailure, PageOrigin, PageResult
from ocr_mcp.model.geometry import PageUnit, Size
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline.page_order import leave_queue
from ocr_mcp.pipeline.stream import MAX_FINISHED_PAGES, MIN_PAGES_AHEAD, read_pages

pytestmark = pytest.mark.anyio


def page(number: int) -> Page:
    return Page(
        number=number,
        size=Size(width=1, height=1),
        unit=PageUnit.POINT,
        origin=PageOrigin.OCR,
        origin_reason="",
        task=Task.TEXT,
        blocks=(),
    )


class Pages:
    """Reads pages, each for as long as `seconds` says, and knows how many are under way."""

    def __init__(self, seconds: Callable[[int], float] = lambda _: 0.0, broken: Exception | None = None) -> None:
        self.started: list[int] = []
        self.under_way = self.most_under_way = 0
        self._seconds = seconds
        self._broken = broken

    async def __call__(self, number: int) -> Page:
        self.started.append(number)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await anyio.sleep(self._seconds(number))
            if self._broken is not None and number == 2:
                raise self._broken
            return page(number)
        finally:
            self.under_way -= 1


async def gathered(pages: Pages, count: int, *, at_once: int = 2) -> list[PageResult]:
    async with read_pages(range(1, count + 1), pages, at_once=at_once) as results:
        return [result async for result in results]


async def test_results_come_in_page_order_whatever_finishes_first() -> None:
    slow_first = Pages(lambda number: 0.05 if number == 1 else 0.0)
    assert [result.number for result in await gathered(slow_first, 9)] == list(range(1, 10))
    assert slow_first.started == list(range(1, 10))


@pytest.mark.parametrize("at_once", [1, 4])
async def test_no_more_pages_are_under_way_than_the_engine_takes_and_a_few(at_once: int) -> None:
    pages = Pages(lambda _: 0.002)
    await gathered(pages, 40, at_once=at_once)
    assert pages.most_under_way == at_once + MIN_PAGES_AHEAD


async def test_a_reader_that_pauses_holds_the_work_up() -> None:
    """Memory stays flat however long the document is."""
    pages = Pages()
    async with read_pages(range(1, 1000), pages, at_once=1) as results:
        await results.receive()
        await anyio.sleep(0.05)
        assert len(pages.started) <= MAX_FINISHED_PAGES + 1 + 1 + 1 + MIN_PAGES_AHEAD


async def test_a_slow_page_does_not_leave_the_engine_idle() -> None:
    """The pages behind it are read meanwhile, far beyond those that are rendered ahead."""
    release = anyio.Event()

    class SlowFirst(Pages):
        async def __call__(self, number: int) -> Page:
            if number == 1:
                await release.wait()
            elif number == 60:
                release.set()
            return await super().__call__(number)

    with anyio.fail_after(5):
        results = await gathered(SlowFirst(), 80)
    assert [result.number for result in results] == list(range(1, 81))


async def test_a_page_that_was_read_and_waits_for_something_else_leaves_its_place() -> None:
    release = anyio.Event()

    class Waiting(Pages):
        async def __call__(self, number: int) -> Page:
            if number == 40:
                release.set()
            leave_queue()
            await release.wait()
            return await super().__call__(number)

    with anyio.fail_after(5):
        results = await gathered(Waiting(), 50, at_once=1)
    assert [result.number for result in results] == list(range(1, 51))


async def test_a_page_that_fails_is_a_failure_in_its_place() -> None:
    one, two, three = await gathered(Pages(broken=EngineTimeoutError("It stalled.", hint="Again.")), 3)
    assert two == PageFailure(number=2, code="ENGINE_TIMEOUT", reason="It stalled.", hint="Again.")
    assert (one, three) == (page(1), page(3))


async def test_a_bug_on_one_page_does_not_lose_the_others(caplog: pytest.LogCaptureFixture) -> None:
    results = await gathered(Pages(broken=ZeroDivisionError("oops")), 3)
    assert [isinstance(result, PageFailure) for result in results] == [False, True, False]
    assert "oops" not in str(results[1])
    assert "ZeroDivisionError: oops" in caplog.text


async def test_leaving_the_stream_stops_all_work() -> None:
    pages = Pages(lambda number: 0.0 if number == 1 else 60.0)
    async with read_pages(range(1, 100), pages, at_once=3) as results:
        await results.receive()
        await anyio.sleep(0.01)
        assert pages.under_way
    assert not pages.under_way
