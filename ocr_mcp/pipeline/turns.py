"""Pages reach the engine in their order, although their pictures are ready in any order.

Who waits for a document reads it from its beginning: a second page that comes behind the sixth keeps them all waiting.
The turn of a page travels in its task's context, so that what lies between the stream and the engine need not know it.
"""

from collections.abc import Callable
from contextvars import ContextVar

import anyio

LONGEST_WAIT_SECONDS = 2.0
"""The order is a wish: a page whose picture takes longer must not keep the engine idle."""


class Turn:
    """The place of one page behind the one before it."""

    def __init__(self, before: "Turn | None", leave: Callable[[], None] = lambda: None) -> None:
        self._before = before
        self._leave: Callable[[], None] | None = leave
        self._passed = anyio.Event()

    async def come(self) -> None:
        """Return when all pages before have reached the engine, or need it no more, or take too long."""
        with anyio.move_on_after(LONGEST_WAIT_SECONDS):
            before = self._before
            while before is not None:
                if not before._passed.is_set():  # waiting for what has come costs a turn of the event loop
                    await before._passed.wait()
                before = before._before
        self.forget_before()
        self.pass_on()

    def pass_on(self) -> None:
        """Let the next page go."""
        self._passed.set()

    def leave(self) -> None:
        """Give up the page's place among those that are being read; once."""
        if self._leave is not None:
            self._leave, leave = None, self._leave
            leave()

    def forget_before(self) -> None:
        """All pages before are done."""
        self._before = None


turn: ContextVar[Turn | None] = ContextVar("turn", default=None)
"""Of the page that this task reads; None where one page is read by itself."""


async def my_turn() -> None:
    """Wait for the turn of this task's page."""
    mine = turn.get()
    if mine is not None:
        await mine.come()


def pass_my_turn() -> None:
    """Let the next page go: that of this task waits for something else than the engine."""
    mine = turn.get()
    if mine is not None:
        mine.pass_on()


def leave_my_place() -> None:
    """Let another page be started: that of this task was read, and waits for something else than the engine."""
    mine = turn.get()
    if mine is not None:
        mine.leave()
