"""What is tried again, how often, and how long an engine that is gone is waited for."""

import logging

import anyio
import pytest

from ocr_mcp.errors import (
    EngineBusyError,
    EngineProtocolError,
    EngineTimeoutError,
    EngineUnavailableError,
    OcrError,
)
from ocr_mcp.pipeline import retries
from ocr_mcp.pipeline.retries import Patience, with_retries

pytestmark = pytest.mark.anyio

GONE = EngineUnavailableError("Ollama cannot be reached.", hint="")
BUSY = EngineBusyError("The queue is full.", hint="")
CUT = EngineProtocolError("The answer was cut.", hint="")
LATE = EngineTimeoutError("It stalled.", hint="")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(retries, "MAX_WAIT_SECONDS", 0.002)


class Scripted:
    """Raises one error after the other, then answers."""

    def __init__(self, *errors: OcrError) -> None:
        self.errors = list(errors)
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "read"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.mark.parametrize("error", [BUSY, CUT])
async def test_what_a_second_attempt_can_mend_is_tried_three_times(error: OcrError) -> None:
    assert await with_retries(Scripted(error, error), Patience(0)) == "read"
    attempt = Scripted(error, error, error)
    with pytest.raises(type(error)):
        await with_retries(attempt, Patience(0))
    assert attempt.count == 3


async def test_what_a_second_attempt_cannot_mend_is_not_tried_again() -> None:
    attempt = Scripted(LATE)
    with pytest.raises(EngineTimeoutError):
        await with_retries(attempt, Patience(60))
    assert attempt.count == 1


async def test_an_engine_that_comes_back_in_time_is_waited_for() -> None:
    attempt = Scripted(*[GONE] * 8)
    assert await with_retries(attempt, Patience(100, now=Clock())) == "read"


async def test_all_pages_together_wait_once_for_an_engine_that_stays_away() -> None:
    """Else the last page of a long document would fail hours later."""
    patience = Patience(20, now=Clock())
    first, second = Scripted(*[GONE] * 99), Scripted(*[GONE] * 99)
    for attempt in (first, second):
        with pytest.raises(EngineUnavailableError):
            await with_retries(attempt, patience)
    assert first.count > 5
    assert second.count == 1


async def test_an_engine_that_answered_again_is_waited_for_anew() -> None:
    patience = Patience(20, now=Clock())
    with pytest.raises(EngineUnavailableError):
        await with_retries(Scripted(*[GONE] * 99), patience)
    await with_retries(Scripted(), patience)
    assert await with_retries(Scripted(GONE, GONE), patience) == "read"


async def test_the_waiting_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    patience = Patience(50, now=Clock())

    async def read() -> None:
        await with_retries(Scripted(GONE, GONE), patience)

    with caplog.at_level(logging.WARNING):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(read)
    assert caplog.messages == ["Ollama cannot be reached. It is waited for, for 50 s at most."]
