"""Shares requests over several hosts: each goes to the host that is least busy."""

import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import anyio

REST_SECONDS = 30.0
"""Time for which a host that could not be reached gets no work while another one answers."""

HostT = TypeVar("HostT")


class PooledHost(Generic[HostT]):
    """A host with a fixed number of slots, each for one request at a time."""

    def __init__(self, host: HostT, slots: int) -> None:
        self.host = host
        self.slots_in_use = 0
        self._slots = slots
        self._resting_until = 0.0

    @property
    def is_resting(self) -> bool:
        """True while the host is left alone because it could not be reached."""
        return time.monotonic() < self._resting_until

    @property
    def is_full(self) -> bool:
        """True while every slot is in use."""
        return self.slots_in_use >= self._slots

    def rest(self) -> None:
        """Leave the host alone for `REST_SECONDS`."""
        self._resting_until = time.monotonic() + REST_SECONDS


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
    async def lease(self, *, avoid: Collection[PooledHost[HostT]] = ()) -> AsyncGenerator[PooledHost[HostT]]:
        """Hold a slot of the least busy host, as soon as one is free; requests are served in the order they ask.

        At least one host must not be in `avoid`.
        """
        async with self._next:
            while (leased := self._least_busy(avoid)) is None:
                self._freed = anyio.Event()
                await self._freed.wait()
            leased.slots_in_use += 1
        try:
            yield leased
        finally:
            leased.slots_in_use -= 1
            self._freed.set()

    def _least_busy(self, avoid: Collection[PooledHost[HostT]]) -> PooledHost[HostT] | None:
        candidates = [each for each in self._hosts if each not in avoid]
        awake = [each for each in candidates if not each.is_resting] or candidates
        free = [each for each in awake if not each.is_full]
        return min(free, key=lambda each: each.slots_in_use, default=None)
