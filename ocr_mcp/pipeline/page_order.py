"""Pages reach the engine in their order, although their pictures are ready in any order.

Who waits for a document reads it from its beginning: a second page that comes behind the sixth keeps them all waiting.
Where the engine has room for those before it, too, a page need not wait for them. The turn of a page travels in its
task's context, so that what lies between the stream and the engine need not know it.
"""

from collections.abc import Callable
from contextvars import ContextVar

import anyio

MAX_WAIT_SECONDS = 2.0
"""The order is a wish: a page whose picture takes longer must not keep the engine idle."""


class Turns:
    """The pages of one document that are being read, in their order, by an engine that reads `at_once` of them."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._places: list[Turn] = []

    def next(self, leave: Callable[[], None] = lambda: None) -> "Turn":
        """A place behind all others; `leave` is called when it is given up."""
        turn = Turn(self, leave)
        self._places.append(turn)
        self.let_go()
        return turn

    def remove(self, turn: "Turn") -> None:
        """The page is read."""
        self._places.remove(turn)
        self.let_go()

    def let_go(self) -> None:
        """Those that nobody keeps waiting."""
        have_passed = True
        for index, place in enumerate(self._places):
            if not have_passed and index >= self._at_once:
                break
            place.has_come.set()
            have_passed = have_passed and place.has_passed


class Turn:
    """The place of one page among those that are being read."""

    def __init__(self, turns: Turns, leave: Callable[[], None]) -> None:
        self.has_come = anyio.Event()
        self.has_passed = False
        self._turns = turns
        self._leave: Callable[[], None] | None = leave

    async def come(self) -> None:
        """Return when all pages before reached the engine or need it no more, find room, too, or take too long."""
        if not self.has_come.is_set():  # waiting for what has come costs a turn of the event loop
            with anyio.move_on_after(MAX_WAIT_SECONDS):
                await self.has_come.wait()
        self.pass_on()

    def pass_on(self) -> None:
        """Let the next page go."""
        if not self.has_passed:
            self.has_passed = True
            self._turns.let_go()

    def leave(self) -> None:
        """Give up the page's place among those that are being read; once."""
        if self._leave is not None:
            self._leave, leave = None, self._leave
            self._turns.remove(self)
            leave()


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
