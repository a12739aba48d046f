"""Many pages: in order, a bounded number at once, each failure its own."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import Page, PageResult
from ocr_mcp.pipeline.collect import failure_by_bug, failure_of
from ocr_mcp.pipeline.page_order import PagePlace, PageQueue, current_place
from ocr_mcp.runtime.background_tasks import companions

logger = logging.getLogger(__name__)

MIN_PAGES_AHEAD = 4
"""Pages that are rendered before the engine is free for them, at least; else half as many as it reads at once."""

MAX_FINISHED_PAGES = 256
"""Pages that may be finished while an earlier one is not: a slow page must not leave the engine idle."""

ReadOne = Callable[[int], Awaitable[Page]]
"""Reads the page of that number, or raises its `OcrError`."""
IsWanted = Callable[[int], Awaitable[bool]]
"""Returns when the page of that number may be started: True, or False to start no more pages."""


@dataclass(slots=True)
class _Slot:
    number: int
    place: PagePlace
    done: anyio.Event = field(default_factory=anyio.Event)
    result: PageResult | None = None


@asynccontextmanager
async def read_pages(
    numbers: Sequence[int], read_one: ReadOne, *, at_once: int, is_wanted: IsWanted | None = None
) -> AsyncGenerator[MemoryObjectReceiveStream[PageResult]]:
    """Read pages `at_once` at a time and a few rendered ahead; the stream yields them in the order of `numbers`.

    A page that fails is a `PageFailure` in its place. `is_wanted` is asked before each page is started. Leaving the
    context stops all work. Memory is bounded, however long the document is: by the pictures of the pages that are being
    read, and by `MAX_FINISHED_PAGES` results that wait for an earlier one.
    """
    send, receive = anyio.create_memory_object_stream[PageResult](0)
    window = anyio.Semaphore(at_once + max(MIN_PAGES_AHEAD, at_once // 2))
    queued_send, queued_receive = anyio.create_memory_object_stream[_Slot](MAX_FINISHED_PAGES)

    async def start_pages() -> None:
        queue = PageQueue(at_once)
        async with queued_send:
            for number in numbers:
                await window.acquire()
                if is_wanted is not None and not await is_wanted(number):
                    return
                slot = _Slot(number, queue.join(window.release))
                tasks.start_soon(_fill, slot, read_one)
                await queued_send.send(slot)

    async with receive, companions() as tasks:  # in this order: the tasks end before the stream that they send to
        tasks.start_soon(start_pages)
        tasks.start_soon(_emit_in_order, queued_receive, send)
        yield receive


async def _emit_in_order(slots: MemoryObjectReceiveStream[_Slot], out: MemoryObjectSendStream[PageResult]) -> None:
    async with slots, out:
        async for slot in slots:
            await slot.done.wait()
            assert slot.result is not None  # noqa: S101  set before the event, see _fill
            await out.send(slot.result)


async def _fill(slot: _Slot, read_one: ReadOne) -> None:
    current_place.set(slot.place)
    try:
        slot.result = await read_one(slot.number)
    except OcrError as error:
        slot.result = failure_of(slot.number, error)
    except Exception:
        # The edge of a background page: a bug on one page must not lose the others. The traceback goes to the log.
        logger.exception("page %d failed unexpectedly", slot.number)
        slot.result = failure_by_bug(slot.number)
    finally:
        slot.done.set()
        slot.place.leave()
