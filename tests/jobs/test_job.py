"""One document that is read for an agent: how far ahead, for how long, and what stops it."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from ocr_mcp.app import Reader
from ocr_mcp.jobs import job as jobs
from ocr_mcp.jobs.job import MAX_PAGES_AHEAD, DocumentJob
from ocr_mcp.jobs.store import JobStore, open_store
from ocr_mcp.pipeline import ReadOptions, Rotate
from ocr_mcp.settings import Settings
from tests.documents import numbered_answer, scan_number, scanned_pdf
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

pytestmark = pytest.mark.anyio


class Clock:
    """The time of a job, which a test may let pass."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.passed


@asynccontextmanager
async def opened(ollama: OllamaDouble, tmp_path: Path, *, pages: int) -> AsyncGenerator[tuple[DocumentJob, Clock]]:
    document = scanned_pdf(tmp_path / "scans.pdf", pages=pages)
    clock = Clock()
    async with (
        # Counting calls says when pages are ready only where none waits for a look.
        Reader(Settings(ollama_host=ollama.url, engine="ollama", rotate=Rotate.NONE)) as reader,
        anyio.create_task_group() as tasks,
    ):
        known = await JobStore(reader, tasks).job(str(document), "all", ReadOptions(), None)
        yield DocumentJob("id", known.asked, reader, tasks, now=clock), clock
        tasks.cancel_scope.cancel()


async def ask(
    job: DocumentJob, index: int = 0, *, seconds: float = 20.0, max_chars: int = 24_000, at: float = 0
) -> str:
    """A call for the text from a page on. `at` is how much time has passed that did not."""

    async def nothing() -> None:
        return

    deadline = time.monotonic() + at + seconds
    found = await job.slice(index, offset=0, max_chars=max_chars, deadline=deadline, on_change=nothing)
    return found.text


async def until_quiet(ollama: OllamaDouble) -> int:
    """The number of pages that the model was asked for, once it is asked for no more."""
    count = -1
    while count != len(ollama.generations):
        count = len(ollama.generations)
        await anyio.sleep(0.4)
    return count


async def test_no_more_is_read_ahead_than_the_next_calls_are_likely_to_want(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with opened(ollama, tmp_path, pages=60) as (job, _):
            await ask(job, max_chars=45)
            asked = await until_quiet(ollama)
    assert asked == 1 + MAX_PAGES_AHEAD


async def test_a_call_that_has_room_for_more_pages_than_are_read_ahead_does_not_wait_for_nothing(
    tmp_path: Path,
) -> None:
    pages = MAX_PAGES_AHEAD + 8
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with opened(ollama, tmp_path, pages=pages) as (job, _):
            started = time.monotonic()
            assert f"Text of page {pages}." in await ask(job, seconds=60)
            assert time.monotonic() - started < 50


async def test_a_call_for_a_page_far_ahead_does_not_wait_for_those_before_it(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer(), latency_seconds=0.1) as ollama:
        async with opened(ollama, tmp_path, pages=60) as (job, _):
            await ask(job, max_chars=45)
            assert "Text of page 60." in await ask(job, 58)
    assert len(ollama.generations) < 20


async def test_the_pages_that_were_read_ahead_are_ready_for_the_next_call(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with opened(ollama, tmp_path, pages=8) as (job, _):
            await ask(job, max_chars=45)
            await until_quiet(ollama)
            text = await ask(job, 1, seconds=0)
    assert [f"Text of page {n}." in text for n in range(1, 9)] == [False] + [True] * 7
    assert len(ollama.generations) == 8


async def test_a_table_over_two_pages_is_one_table_in_whatever_slices_it_comes(tmp_path: Path) -> None:
    """Also where the second page is read anew, after the first was told."""
    table = (
        "table[[50, 100, 950, 900]]\n<table><tr><td>No.</td><td>Page</td></tr><tr><td>1</td><td>{}</td></tr></table>"
    )
    with OllamaDouble(answer=numbered_answer(table), version="0.24.0") as ollama:
        async with opened(ollama, tmp_path, pages=3) as (job, _):
            first = await ask(job, max_chars=80)
            job.stop()
            rest = await ask(job, 1)
    assert first + rest == (
        "<!-- page 1 -->\n\n| No. | Page |\n| --- | --- |\n| 1 | 1 |\n"
        "| <!-- page 2 --> 1 | 2 |\n| <!-- page 3 --> 1 | 3 |\n"
    )


async def test_a_job_that_nobody_asks_for_stops(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer(), latency_seconds=0.1) as ollama:
        async with opened(ollama, tmp_path, pages=30) as (job, clock):
            await ask(job, max_chars=45)
            clock.passed = jobs.MAX_IDLE_SECONDS
            assert await until_quiet(ollama) < 15
            assert "Text of page 20." in await ask(job, at=clock.passed)


async def test_a_job_that_waits_to_be_asked_stops_when_nobody_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reading ends although it had paused, and the next call begins anew."""
    monkeypatch.setattr(jobs, "MAX_PAGES_AHEAD", 4)
    monkeypatch.setattr(jobs, "MAX_IDLE_SECONDS", 1.0)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with opened(ollama, tmp_path, pages=20) as (job, _):
            await ask(job, max_chars=45)
            await until_quiet(ollama)
            await anyio.sleep(1.2)
            assert "Text of page 20." in await ask(job)
    assert len(ollama.generations) == 20


async def test_two_calls_at_once_share_the_work(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer(), latency_seconds=0.02) as ollama:
        async with opened(ollama, tmp_path, pages=6) as (job, _), anyio.create_task_group() as calls:
            calls.start_soon(ask, job)
            calls.start_soon(ask, job, 3)
    assert len(ollama.generations) == 6


async def test_cancelling_one_of_two_calls_does_not_stop_the_other(tmp_path: Path) -> None:
    with OllamaDouble(answer=numbered_answer(), latency_seconds=0.05) as ollama:
        async with opened(ollama, tmp_path, pages=4) as (job, _):
            async with anyio.create_task_group() as calls:
                with anyio.move_on_after(0.5):
                    calls.start_soon(ask, job)
                    await ask(job, 2)
            assert job.ready_count == 4
    assert not any(request.client_left.is_set() for request in ollama.generations)


async def test_a_page_that_failed_is_tried_again_once_it_was_told_of(tmp_path: Path) -> None:
    broken = {2}

    def fault(call: GenerateCall) -> Fault | None:
        return Fault.GARBAGE if scan_number(call.image) in broken else None

    with OllamaDouble(answer=numbered_answer(), fault=fault) as ollama:
        async with opened(ollama, tmp_path, pages=3) as (job, _):
            first = await ask(job)
            broken.clear()
            second = await ask(job)
    assert "Text of page 2." not in first
    assert all(f"Text of page {n}." in second for n in (1, 2, 3))


async def test_the_same_page_asked_for_twice_at_once_is_computed_once(tmp_path: Path) -> None:
    document = str(scanned_pdf(tmp_path / "one.pdf", pages=1))
    with OllamaDouble(answer=numbered_answer(), latency_seconds=0.3) as ollama:
        settings = Settings(ollama_host=ollama.url, engine="ollama", ollama_parallel=2)
        async with Reader(settings) as reader, open_store(reader) as store:
            job = await store.job(document, "all", ReadOptions(), None)
            async with anyio.create_task_group() as calls:
                calls.start_soon(ask, job)
                calls.start_soon(reader.read_page, document, 1, ReadOptions())
                calls.start_soon(reader.read_page, document, 1, ReadOptions())
    assert len(ollama.generations) == 1


async def test_a_failed_page_that_is_asked_for_again_is_read_though_the_reading_has_passed_it(tmp_path: Path) -> None:
    """The reading waits far ahead for somebody to ask: it must come back, or the page would never be ready."""
    with OllamaDouble(answer=numbered_answer()) as ollama:
        ollama.fault = lambda call: Fault.PROMPT_TOO_LONG if scan_number(call.image) == 2 else None
        async with opened(ollama, tmp_path, pages=60) as (job, _):
            assert "Page 2 could not be read" in await ask(job, max_chars=600)
            await until_quiet(ollama)
            ollama.fault = None
            assert "Text of page 2." in await ask(job, index=1, seconds=10, max_chars=40)
