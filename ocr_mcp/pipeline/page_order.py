"""Pages reach the engine in their order, although their pictures are ready in any order.

Readers start at the first page of a document: if page 2 reached the engine after page 6, all of them would wait for it.
A page does not wait for the pages before it where the engine has room for those as well. The place of a page in the
queue travels in the context of its task, so the code between the stream and the engine need not know of it.
"""

from collections.abc import Callable
from contextvars import ContextVar

import anyio

MAX_WAIT_SECONDS = 2.0
"""Order is preferred, not required: a page whose picture takes longer must not keep the engine idle."""


class PageQueue:
    """The pages of one document that are being read, in their order, by an engine that reads `at_once` of them."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._places: list[PagePlace] = []

    def join(self, on_leave: Callable[[], None] = lambda: None) -> "PagePlace":
        """Return a place behind all others; `on_leave` is called once, when the place is given up."""
        place = PagePlace(self, on_leave)
        self._places.append(place)
        self.admit()
        return place

    def remove(self, place: "PagePlace") -> None:
        """Remove the place of a page that was read."""
        self._places.remove(place)
        self.admit()

    def admit(self) -> None:
        """Let every page go that need not wait for a page before it."""
        all_before_passed = True
        for index, place in enumerate(self._places):
            if not all_before_passed and index >= self._at_once:
                break
            place.is_admitted.set()
            all_before_passed = all_before_passed and place.has_passed


class PagePlace:
    """The place of one page in its queue. `has_passed` means that no later page waits for this one any more."""

    def __init__(self, queue: PageQueue, on_leave: Callable[[], None]) -> None:
        self.is_admitted = anyio.Event()
        self.has_passed = False
        self._queue = queue
        self._on_leave: Callable[[], None] | None = on_leave

    async def wait(self) -> None:
        """Return when the page may go to the engine, at the latest after `MAX_WAIT_SECONDS`.

        It may go when every page before it has passed, or when the engine has room for it and those before it.
        """
        if not self.is_admitted.is_set():  # waiting for an event that is set still costs a cycle of the event loop
            with anyio.move_on_after(MAX_WAIT_SECONDS):
                await self.is_admitted.wait()
        self.pass_on()

    def pass_on(self) -> None:
        """Let the next page go."""
        if not self.has_passed:
            self.has_passed = True
            self._queue.admit()

    def leave(self) -> None:
        """Give up the place, so that another page may be started. A second call does nothing."""
        if self._on_leave is not None:
            self._on_leave, on_leave = None, self._on_leave
            self._queue.remove(self)
            on_leave()


current_place: ContextVar[PagePlace | None] = ContextVar("current_place", default=None)
"""The place of the page that this task reads; None where a page is read on its own."""


async def wait_for_engine() -> None:
    """Wait until the page of this task may go to the engine."""
    place = current_place.get()
    if place is not None:
        await place.wait()


def let_next_page_go() -> None:
    """Let the next page go, because the page of this task waits for something other than the engine."""
    place = current_place.get()
    if place is not None:
        place.pass_on()


def leave_queue() -> None:
    """Let another page be started, because the page of this task was read and only waits for something else."""
    place = current_place.get()
    if place is not None:
        place.leave()
