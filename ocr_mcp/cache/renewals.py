"""Keeps the claims of this process from running out while it computes, however long that takes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager


class Renewals:
    """Has `renew` called with all keys that are held, every `seconds`, as long as there are any.

    One task for all of them: one for each would cost a page more processor time than its place in the cache.
    """

    def __init__(self, renew: Callable[[Sequence[str]], Awaitable[None]], *, seconds: float) -> None:
        self._renew = renew
        self._seconds = seconds
        self._held = Counter[str]()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def held(self, key: str) -> Generator[None]:
        """Inside, the claim on the key is renewed."""
        self._held[key] += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._go_on())
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]
            if not self._held:
                self._task.cancel()
                self._task = None

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._renew(tuple(self._held))
