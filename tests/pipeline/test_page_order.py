"""Pages reach the engine in their order."""

import anyio
import pytest

from ocr_mcp.pipeline import page_order
from ocr_mcp.pipeline.page_order import PagePlace, PageQueue

pytestmark = pytest.mark.anyio


async def reached(delays: dict[int, float | None], *, at_once: int = 1) -> list[int]:
    """The order in which pages reach the engine whose pictures take so long; None needs no engine at all."""
    order: list[int] = []
    queue = PageQueue(at_once)
    places = [queue.join() for _ in delays]

    async def read(number: int, place: PagePlace, delay: float | None) -> None:
        if delay is None:
            place.leave()
            return
        await anyio.sleep(delay)
        await place.wait()
        order.append(number)

    async with anyio.create_task_group() as tasks:
        for (number, delay), place in zip(delays.items(), places, strict=True):
            tasks.start_soon(read, number, place, delay)
    return order


async def test_a_page_whose_picture_is_late_still_comes_in_its_place() -> None:
    assert await reached({1: 0.0, 2: 0.2, 3: 0.0, 4: 0.05}) == [1, 2, 3, 4]


async def test_a_page_that_needs_no_engine_lets_nobody_overtake_those_before_it() -> None:
    assert await reached({1: 0.2, 2: None, 3: 0.0}) == [1, 3]


async def test_a_page_that_takes_too_long_does_not_keep_the_engine_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_order, "MAX_WAIT_SECONDS", 0.1)
    assert await reached({1: 1.0, 2: 0.0, 3: 0.0}) == [2, 3, 1]


async def test_a_page_goes_before_those_that_will_find_room_too() -> None:
    assert await reached({1: 0.3, 2: 0.0, 3: 0.1, 4: 0.2}, at_once=4) == [2, 3, 4, 1]
    assert await reached({1: 0.3, 2: 0.0, 3: 0.1, 4: 0.2}, at_once=3) == [2, 3, 1, 4]


async def test_a_page_that_is_read_makes_room_for_the_next_but_for_nobody_before_it() -> None:
    queue = PageQueue(2)
    late, read, third, fourth = (queue.join() for _ in range(4))
    assert [place.is_admitted.is_set() for place in (late, read, third, fourth)] == [True, True, False, False]
    read.leave()
    assert [place.is_admitted.is_set() for place in (third, fourth)] == [True, False]
    late.pass_on()
    assert not fourth.is_admitted.is_set()
    third.pass_on()
    assert fourth.is_admitted.is_set()
