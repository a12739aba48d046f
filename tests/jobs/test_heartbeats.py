"""What a client sees while one slow page is read."""

from itertools import pairwise

import anyio
import pytest

from ocr_mcp.server.progress import HEARTBEAT_SECONDS, ProgressReporter, heartbeat

pytestmark = pytest.mark.anyio


async def test_progress_rises_within_one_slow_page_and_never_reaches_the_next() -> None:
    seen: list[float] = []

    async def report(done: float, total: float, message: str) -> None:
        assert (total, message) == (3.0, "page 2/3")
        seen.append(done)

    progress = ProgressReporter(report, lambda: "page 2/3", total=3)
    await progress.reached(1)
    async with heartbeat(progress, every_seconds=0.001):
        await anyio.sleep(0.3)
    assert len(seen) > 20
    assert all(earlier < later for earlier, later in pairwise(seen))
    assert seen[-1] < 2
    await progress.reached(2)
    assert seen[-1] == 2


async def test_progress_still_rises_after_days_in_one_page() -> None:
    """A page may take as long as the user lets it; the signs of life once ran out after ten minutes."""
    seen: list[float] = []

    async def report(done: float, total: float, message: str) -> None:
        seen.append(done)

    progress = ProgressReporter(report, lambda: "", total=100_000)
    await progress.reached(100_000 - 1)
    for _ in range(50_000):
        await progress.beat()
    assert len(seen) == 50_001
    assert all(earlier < later for earlier, later in pairwise(seen))
    assert seen[-1] < 100_000


def test_a_sign_of_life_comes_at_least_every_eight_seconds() -> None:
    assert HEARTBEAT_SECONDS <= 8
