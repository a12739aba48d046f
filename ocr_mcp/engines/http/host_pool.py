"""Shares requests over several hosts: each goes to the host that is least busy."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio

REST_SECONDS = 30.0
"""Time for which a host that could not be reached gets no work while another one answers."""

MAX_AHEAD_SECONDS = 5.0
"""A host that takes longer for a page gets no request ahead: it would gain nothing, and a proxy in front of it may cut
a request that stays unfinished for long."""

HostT = TypeVar("HostT")
Turn = Callable[[], Awaitable[None]]
"""Returns when the request holds a slot, so that its last bytes may be sent."""


class Lease(Generic[HostT]):
    """One request's place at a host."""

    def __init__(self, pooled: "PooledHost[HostT]") -> None:
        self.pooled = pooled
        self._has_slot = anyio.Event()

    async def turn(self) -> None:
        """Return when the request holds one of the host's slots."""
        await self._has_slot.wait()

    def give_slot(self) -> None:
        """Let `turn` return."""
        self._has_slot.set()


class PooledHost(Generic[HostT]):
    """A host with a fixed number of slots, each for one request at a time, and a few requests ahead of them."""

    def __init__(self, host: HostT, slots: int) -> None:
        self.host = host
        self._slots = slots
        self._leases: list[Lease[HostT]] = []
        self._resting_until = 0.0
        self._page_seconds: float | None = None

    @property
    def is_resting(self) -> bool:
        """True while the host is left alone because it could not be reached."""
        return time.monotonic() < self._resting_until

    @property
    def requests(self) -> int:
        """Number of requests that the host has, those ahead of their slot included."""
        return len(self._leases)

    @property
    def is_full(self) -> bool:
        """True while the host takes no further request."""
        return self.requests >= self._slots + self._max_ahead

    def rest(self) -> None:
        """Leave the host alone for `REST_SECONDS`."""
        self._resting_until = time.monotonic() + REST_SECONDS

    def note_page(self, seconds: float) -> None:
        """Note how long the host took for a page."""
        self._page_seconds = seconds

    def enter(self) -> Lease[HostT]:
        """Take the last place."""
        lease = Lease(self)
        self._leases.append(lease)
        self._give_slots()
        return lease

    def leave(self, lease: Lease[HostT]) -> None:
        """Give the place back; the next request gets its slot."""
        self._leases.remove(lease)
        self._give_slots()

    @property
    def _max_ahead(self) -> int:
        is_fast = self._page_seconds is not None and self._page_seconds <= MAX_AHEAD_SECONDS
        return -(-self._slots // 4) if is_fast else 0

    def _give_slots(self) -> None:
        for lease in self._leases[: self._slots]:
            lease.give_slot()


class HostPool(Generic[HostT]):
    """Hosts with `slots` each. A resting host gets work only if all are resting."""

    def __init__(self, hosts: Sequence[HostT], *, slots: int) -> None:
        self._hosts = [PooledHost(host, slots) for host in hosts]
        self._next = anyio.Lock(fast_acquire=True)
        self._freed = anyio.Event()

    @property
    def hosts(self) -> Sequence[PooledHost[HostT]]:
        """All hosts in the order given, the resting ones last."""
        return sorted(self._hosts, key=lambda each: each.is_resting)

    @asynccontextmanager
    async def lease(self, *, avoid: Collection[PooledHost[HostT]] = ()) -> AsyncGenerator[Lease[HostT]]:
        """Hold a place at the least busy host; requests are served in the order they ask.

        The place may come before its slot: the request may be sent at once but for its last bytes, which wait for
        `Lease.turn`. The next answer then begins when one ends, not a connection and a picture later. At least one host
        must not be in `avoid`.
        """
        async with self._next:
            while (pooled := self._least_busy(avoid)) is None:
                self._freed = anyio.Event()
                await self._freed.wait()
            lease = pooled.enter()
        try:
            yield lease
        finally:
            pooled.leave(lease)
            self._freed.set()

    def _least_busy(self, avoid: Collection[PooledHost[HostT]]) -> PooledHost[HostT] | None:
        candidates = [each for each in self._hosts if each not in avoid]
        awake = [each for each in candidates if not each.is_resting] or candidates
        free = [each for each in awake if not each.is_full]
        return min(free, key=lambda each: each.requests, default=None)
