"""Reports progress that a client can trust: it never goes back, and it beats within a slow page too."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from ocr_mcp.runtime.background_tasks import companions

HEARTBEAT_SECONDS = 5.0
"""Time between two reports. Clients give up after 60 s without one; 8 s is the most that we promise."""

_HALFWAY_BEATS = 8
"""Number of beats after which the number is halfway to the next page."""

ReportProgress = Callable[[float, float, str], Awaitable[None]]
"""Takes the number of pages that are done, the total, and a sentence."""


class ProgressReporter:
    """Reports how many pages are done. Between two pages the number creeps towards the next one, never reaching it.

    After n beats it is n / (n + 8) of the way there: unlike halving what is left, that takes longer than any page to
    run out of numbers (weeks after page 100,000, decades after page 1). `describe` gives the sentence.
    """

    def __init__(self, report: ReportProgress, describe: Callable[[], str], *, total: int) -> None:
        self._report = report
        self._describe = describe
        self._total = total
        self._done = 0
        self._beats = 0
        self._shown = 0.0

    async def reached(self, done: int) -> None:
        """Report that so many pages are ready."""
        if done > self._done:
            self._done, self._beats = done, 0
        await self._show(float(self._done))

    async def beat(self) -> None:
        """Report that the work goes on."""
        self._beats += 1
        await self._show(self._done + self._beats / (self._beats + _HALFWAY_BEATS))

    async def _show(self, done: float) -> None:
        if done > self._shown:
            self._shown = done
            await self._report(done, float(max(self._total, self._done)), self._describe())


@asynccontextmanager
async def heartbeat(progress: ProgressReporter, *, every_seconds: float = HEARTBEAT_SECONDS) -> AsyncGenerator[None]:
    """Beat until the block ends."""

    async def beat_on() -> None:
        while True:
            await anyio.sleep(every_seconds)
            await progress.beat()

    async with companions() as tasks:
        tasks.start_soon(beat_on)
        yield
