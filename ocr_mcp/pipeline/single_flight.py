"""Single flight: where several tasks want the same result at once, one of them computes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio

from ocr_mcp.errors import OcrError

_T = TypeVar("_T")


@dataclass(slots=True)
class _Flight(Generic[_T]):
    landed: anyio.Event = field(default_factory=anyio.Event)
    result: _T | None = None
    error: OcrError | None = None


class Flights(Generic[_T]):
    """The computations under way of one kind of result, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[_T]] = {}

    def has(self, key: str) -> bool:
        """Return True if a task computes the result of that key now."""
        return key in self._flights

    async def run(self, key: str, compute: Callable[[], Awaitable[_T]]) -> _T:
        """Return the result of `compute`, or that of the computation that already runs for this key.

        An `OcrError` of that computation is raised in every task that waits for it. When the task that computes is
        cancelled, one of those that wait takes over.
        """
        while (flight := self._flights.get(key)) is not None:
            await flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.result is not None:
                return flight.result
        return await self._fly(key, compute)

    async def _fly(self, key: str, compute: Callable[[], Awaitable[_T]]) -> _T:
        flight = self._flights[key] = _Flight[_T]()
        try:
            flight.result = await compute()
        except OcrError as error:
            flight.error = error
            raise
        else:
            return flight.result
        finally:
            del self._flights[key]
            flight.landed.set()
