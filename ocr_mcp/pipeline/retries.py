"""The only retries there are, and the only waiting for an engine that is gone."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from ocr_mcp.errors import (
    EngineBusyError,
    EngineCrashedError,
    EngineProtocolError,
    EngineUnavailableError,
    OcrError,
)

logger = logging.getLogger(__name__)

MENDABLE = (EngineBusyError, EngineCrashedError, EngineProtocolError)
"""What a second attempt can mend: a full queue, a crashed runner that reloads, a connection cut in the middle."""

ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.5
MAX_WAIT_SECONDS = 5.0

_T = TypeVar("_T")


class Patience:
    """How long an engine that stopped answering is waited for: once, not once a page.

    The clock starts with the first page that finds it gone and ends with the first that finds it back. When
    `wait_seconds` have passed, every page fails at once, until the engine answers again.
    """

    def __init__(self, wait_seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._wait_seconds = wait_seconds
        self._now = now
        self._gone_since: float | None = None

    def is_over(self, error: EngineUnavailableError) -> bool:
        """Whether to stop waiting; the first call starts the clock, and says so."""
        if self._gone_since is None:
            self._gone_since = self._now()
            if self._wait_seconds > 0:
                logger.warning("%s It is waited for, for %g s at most.", error.message, self._wait_seconds)
        return self._now() - self._gone_since >= self._wait_seconds

    def engine_answered(self) -> None:
        """The engine is there."""
        self._gone_since = None


async def with_retries(attempt: Callable[[], Awaitable[_T]], patience: Patience) -> _T:
    """The result of `attempt`, tried again for what can be mended; the last error where it cannot."""
    try:
        result = await attempt()
    except OcrError as error:
        first = error
    else:
        patience.engine_answered()
        return result
    return await _after(first, attempt, patience)


async def _after(first: OcrError, attempt: Callable[[], Awaitable[_T]], patience: Patience) -> _T:
    """What follows on a first attempt that failed. That was made without stamina, which takes 0.1 ms for each page."""
    attempts = 0
    unseen = [first]  # by stamina

    def should_retry(error: Exception) -> bool:
        nonlocal attempts
        if isinstance(error, EngineUnavailableError):
            return not patience.is_over(error)
        patience.engine_answered()
        attempts += 1
        return isinstance(error, MENDABLE) and attempts < ATTEMPTS

    retrying = stamina.retry_context(
        on=should_retry,
        attempts=None,
        timeout=None,
        wait_initial=FIRST_WAIT_SECONDS,
        wait_jitter=FIRST_WAIT_SECONDS,
        wait_max=MAX_WAIT_SECONDS,
    )
    async for each in retrying:
        with each:
            if unseen:
                raise unseen.pop()
            result = await attempt()
            patience.engine_answered()
            return result
    raise AssertionError("unreachable: the last attempt returns or raises")


def _note_retry(details: RetryDetails) -> None:
    """In place of stamina's own lines, which mean nothing to who reads stderr."""
    logger.info("attempt %d follows in %.1f s: %s", details.retry_num + 1, details.wait_for, details.caused_by)


set_on_retry_hooks([_note_retry])
