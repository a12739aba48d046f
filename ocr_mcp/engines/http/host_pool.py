"""Shares work over several hosts by who is free."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio

REST_SECONDS = 30.0
"""How long a host that could not be reached is left alone while another one answers."""

PREPARED_SECONDS = 5.0
"""Requests are made ready ahead for hosts that take less than that for a page: for others it gains nothing, and an
unfinished request may not be held for long."""

HostT = TypeVar("HostT")
Turn = Callable[[], Awaitable[None]]
"""Returns when a request may be finished: from then on it has one of the host's slots."""


class Place(Generic[HostT]):
    """Of one request in the line of a host."""

    def __init__(self, line: "Line[HostT]") -> None:
        self.line = line
        self.host = line.host
        self._called = anyio.Event()

    async def turn(self) -> None:
        """Return when the host has a slot free for this request."""
        if not self._called.is_set():  # waiting for what has come costs a turn of the event loop
            await self._called.wait()

    def call(self) -> None:
        """A slot is free."""
        self._called.set()


class Line(Generic[HostT]):
    """The requests of a host: the first `slots` are being answered, the others are made ready meanwhile.

    The next answer then begins when one ends, not a connection and a picture later.
    """

    def __init__(self, host: HostT, slots: int) -> None:
        self.host = host
        self._slots = slots
        self._places: list[Place[HostT]] = []
        self._resting_until = 0.0
        self._page_seconds: float | None = None

    @property
    def is_resting(self) -> bool:
        """Whether it could not be reached a moment ago."""
        return time.monotonic() < self._resting_until

    @property
    def length(self) -> int:
        """How many requests it has."""
        return len(self._places)

    @property
    def is_full(self) -> bool:
        """Whether it takes no more for now."""
        return self.length >= self._slots + self._made_ready

    def rest(self) -> None:
        """Leave it alone for a while."""
        self._resting_until = time.monotonic() + REST_SECONDS

    def took(self, seconds: float) -> None:
        """Note how long it took for a page."""
        self._page_seconds = seconds

    def enter(self) -> Place[HostT]:
        """A place at the end."""
        place = Place(self)
        self._places.append(place)
        self._call()
        return place

    def leave(self, place: Place[HostT]) -> None:
        """Let the next one have the place's slot."""
        self._places.remove(place)
        self._call()

    @property
    def _made_ready(self) -> int:
        is_fast = self._page_seconds is not None and self._page_seconds < PREPARED_SECONDS
        return -(-self._slots // 4) if is_fast else 0

    def _call(self) -> None:
        for place in self._places[: self._slots]:
            place.call()


class HostPool(Generic[HostT]):
    """Hosts with `slots` each. A host at rest gets work only if all are."""

    def __init__(self, hosts: Sequence[HostT], *, slots: int) -> None:
        self._lines = [Line(host, slots) for host in hosts]
        self._next = anyio.Lock(fast_acquire=True)
        self._freed = anyio.Event()

    @property
    def lines(self) -> Sequence[Line[HostT]]:
        """All hosts: first those that are not at rest, in the order given."""
        return sorted(self._lines, key=lambda line: line.is_resting)

    @asynccontextmanager
    async def lease(self, *, avoid: Collection[Line[HostT]] = ()) -> AsyncGenerator[Place[HostT]]:
        """A place in the shortest line, as soon as one is free, in the order in which requests ask for one.

        At least one host must not be avoided.
        """
        async with self._next:
            while (line := self._shortest(avoid)) is None:
                self._freed = anyio.Event()
                await self._freed.wait()
            place = line.enter()
        try:
            yield place
        finally:
            line.leave(place)
            self._freed.set()

    def _shortest(self, avoid: Collection[Line[HostT]]) -> Line[HostT] | None:
        candidates = [line for line in self._lines if line not in avoid]
        awake = [line for line in candidates if not line.is_resting] or candidates
        free = [line for line in awake if not line.is_full]
        return min(free, key=lambda line: line.length, default=None)
