"""The only place that retries requests, and that waits for an engine that is gone."""

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
"""Errors that a second attempt can mend: a full queue, a crashed runner that reloads, a cut connection."""

MAX_ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.5
MAX_WAIT_SECONDS = 5.0

_T = TypeVar("_T")


class Patience:
    """The time to wait for an engine that stopped answering: one wait for all pages, not one for each.

    The clock starts with the first page that finds the engine gone, and ends with the first page that finds it back.
    When `wait_seconds` have passed, every page fails at once, until the engine answers again.
    """

    def __init__(self, wait_seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._wait_seconds = wait_seconds
        self._now = now
        self._gone_since: float | None = None

    def is_over(self, error: EngineUnavailableError) -> bool:
        """Return True if there is no more time to wait. The first call starts the clock and logs a warning."""
        if self._gone_since is None:
            self._gone_since = self._now()
            if self._wait_seconds > 0:
                logger.warning("%s It is waited for, for %g s at most.", error.message, self._wait_seconds)
        return self._now() - self._gone_since >= self._wait_seconds

    def engine_answered(self) -> None:
        """Stop the clock, because the engine is back."""
        self._gone_since = None


async def with_retries(attempt: Callable[[], Awaitable[_T]], patience: Patience) -> _T:
    """Return the result of `attempt`, which is made again after an error that may be mended.

    Raises the last error where that does not help.
    """
    try:
        result = await attempt()
    except OcrError as error:
        first = error
    else:
        patience.engine_answered()
        return result
    return await _retry(first, attempt, patience)


async def _retry(first: OcrError, attempt: Callable[[], Awaitable[_T]], patience: Patience) -> _T:
    """Make the attempts that follow a failed first one. That was made without stamina, which costs 0.1 ms a page."""
    attempts = 0
    unseen = [first]  # stamina has not seen it yet, and takes its error as that of the first attempt

    def should_retry(error: Exception) -> bool:
        nonlocal attempts
        if isinstance(error, EngineUnavailableError):
            return not patience.is_over(error)
        patience.engine_answered()
        attempts += 1
        return isinstance(error, MENDABLE) and attempts < MAX_ATTEMPTS

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


def _log_retry(details: RetryDetails) -> None:
    """Log a retry in plain words: stamina's own lines mean nothing to a person who reads stderr."""
    logger.info("attempt %d follows in %.1f s: %s", details.retry_num + 1, details.wait_for, details.caused_by)


set_on_retry_hooks([_log_retry])
