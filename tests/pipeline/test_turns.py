"""Pages reach the engine in their order."""

import anyio
import pytest

from ocr_mcp.pipeline import turns
from ocr_mcp.pipeline.turns import Turn

pytestmark = pytest.mark.anyio


async def reached(delays: dict[int, float | None]) -> list[int]:
    """The order in which pages reach the engine whose pictures take so long; None needs no engine at all."""
    order: list[int] = []
    all_turns: list[Turn] = []
    for _ in delays:
        all_turns.append(Turn(all_turns[-1] if all_turns else None))

    async def read(number: int, turn: Turn, delay: float | None) -> None:
        if delay is None:
            turn.pass_on()
            return
        await anyio.sleep(delay)
        await turn.come()
        order.append(number)

    async with anyio.create_task_group() as tasks:
        for (number, delay), turn in zip(delays.items(), all_turns, strict=True):
            tasks.start_soon(read, number, turn, delay)
    return order


async def test_a_page_whose_picture_is_late_still_comes_in_its_place() -> None:
    assert await reached({1: 0.0, 2: 0.2, 3: 0.0, 4: 0.05}) == [1, 2, 3, 4]


async def test_a_page_that_needs_no_engine_lets_nobody_overtake_those_before_it() -> None:
    assert await reached({1: 0.2, 2: None, 3: 0.0}) == [1, 3]


async def test_a_page_that_takes_too_long_does_not_keep_the_engine_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT_SECONDS", 0.1)
    assert await reached({1: 1.0, 2: 0.0, 3: 0.0}) == [2, 3, 1]
