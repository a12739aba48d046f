"""Limits on how long an answer may take, on the monotonic clock.

A read time-out of the HTTP client is not enough, because any byte resets it: a server that drips empty lines would
never time out. Here only text counts.
"""

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import anyio

from ocr_mcp.errors import EngineTimeoutError


@dataclass(frozen=True, kw_only=True)
class EngineTimeouts:
    """Limits in seconds.

    `connect_seconds`: until the server takes the connection. `first_output_seconds`: from sending the request to the
    first text, so it covers the server's queue, loading the model and reading the picture. `stall_seconds`: between two
    pieces of text. `total_seconds`: for the whole answer.
    """

    connect_seconds: float = 5
    first_output_seconds: float = 300
    stall_seconds: float = 60
    total_seconds: float = 900


class Deadlines:
    """Ends the work inside its `with` with an `EngineTimeoutError` when a limit passes.

    Time counts from entering the `with`, or from the end of the last `held`. `server` is how a sentence names the
    server: `Ollama at http://127.0.0.1:11434`.
    """

    def __init__(self, timeouts: EngineTimeouts, *, server: str) -> None:
        self._timeouts = timeouts
        self._server = server
        self._scope = anyio.CancelScope()
        self._began = self._end = 0.0
        self._has_output = False

    def __enter__(self) -> Self:
        self._begin()
        self._scope.__enter__()
        return self

    @property
    def seconds(self) -> float:
        """Seconds that the work has taken so far."""
        return anyio.current_time() - self._began

    @contextmanager
    def held(self) -> Generator[None]:
        """Stop the time inside and begin it anew afterwards: a request that waits for its slot is not late."""
        self._scope.deadline = math.inf
        yield
        self._begin()

    def note_output(self) -> None:
        """Allow `stall_seconds` from now until the next output."""
        self._has_output = True
        self._scope.deadline = min(self._end, anyio.current_time() + self._timeouts.stall_seconds)

    def _begin(self) -> None:
        self._began = anyio.current_time()
        self._end = self._began + self._timeouts.total_seconds
        self._scope.deadline = min(self._end, self._began + self._timeouts.first_output_seconds)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._scope.__exit__(kind, error, traceback)
        if self._scope.cancelled_caught:
            raise self._timeout_error() from error

    def _timeout_error(self) -> EngineTimeoutError:
        if self._scope.deadline >= self._end:
            return EngineTimeoutError(
                f"{self._server} had not finished after {self._timeouts.total_seconds:g} s in total.",
                hint="Read a smaller region or fewer pages at once, or raise the total time-out.",
            )
        if self._has_output:
            return EngineTimeoutError(
                f"{self._server} stalled: no new text for {self._timeouts.stall_seconds:g} s.",
                hint="Try the page again; if it happens again, restart the server and read its log.",
            )
        return EngineTimeoutError(
            f"{self._server} gave no first output within {self._timeouts.first_output_seconds:g} s.",
            hint="It may be loading the model or have a long queue: try again, or raise the first-output time-out.",
        )
