"""Shares work over several hosts by who is free."""

import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import anyio

REST_SECONDS = 30.0
"""How long a host that could not be reached is left alone while another one answers."""

HostT = TypeVar("HostT")


@dataclass(eq=False)
class Slots(Generic[HostT]):
    """A host with the work it has now."""

    host: HostT
    busy: int = 0
    resting_until: float = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether it could not be reached a moment ago."""
        return time.monotonic() < self.resting_until

    def rest(self) -> None:
        """Leave it alone for a while."""
        self.resting_until = time.monotonic() + REST_SECONDS


class HostPool(Generic[HostT]):
    """Hosts with `slots` each. A host at rest gets work only if all are."""

    def __init__(self, hosts: Sequence[HostT], *, slots: int) -> None:
        self._members = [Slots(host) for host in hosts]
        self._slots = slots
        self._freed = anyio.Event()

    @property
    def members(self) -> Sequence[Slots[HostT]]:
        """All hosts: first those that are not at rest, in the order given."""
        return sorted(self._members, key=lambda member: member.is_resting)

    @asynccontextmanager
    async def lease(self, *, avoid: Collection[Slots[HostT]] = ()) -> AsyncGenerator[Slots[HostT]]:
        """A slot on the host with the least work, as soon as one is free. At least one host must not be avoided."""
        while (member := self._freest(avoid)) is None:
            await self._freed.wait()
        member.busy += 1
        try:
            yield member
        finally:
            member.busy -= 1
            self._freed.set()
            self._freed = anyio.Event()

    def _freest(self, avoid: Collection[Slots[HostT]]) -> Slots[HostT] | None:
        candidates = [member for member in self._members if member not in avoid]
        awake = [member for member in candidates if not member.is_resting] or candidates
        free = [member for member in awake if member.busy < self._slots]
        return min(free, key=lambda member: member.busy, default=None)
