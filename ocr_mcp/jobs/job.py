"""One document that is being read for an agent, page after page, for any number of calls."""

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup

from ocr_mcp.app import Reader
from ocr_mcp.errors import OcrError, SourceChangedError
from ocr_mcp.jobs.eta import Pace
from ocr_mcp.jobs.ready_pages import ReadyPage, make_ready_page
from ocr_mcp.jobs.slices import Slice, cut_slice
from ocr_mcp.model.documents import Page
from ocr_mcp.pipeline import Collector, PageResult, ReadOptions

logger = logging.getLogger(__name__)

_REPORT_HINT = "Run with OCR_MCP_LOG_LEVEL=DEBUG and report the traceback from the log."

MAX_PAGES_AHEAD = 32
"""Pages that are read beyond those asked for. More would be wasted work if the client does not come back."""

MAX_IDLE_SECONDS = 600.0
"""Time without a call after which the work stops. The pages that are ready stay."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The document and pages that a job reads. `digest` is the SHA-256 of the document's bytes.

    `numbers` are 1-based page numbers in ascending order.
    """

    reference: str
    name: str
    digest: str
    total_pages: int
    numbers: tuple[int, ...]
    options: ReadOptions
    engine: str | None


@dataclass(slots=True)
class _Work:
    """The task that reads now. `start` and `position` are indexes in the list of pages that are asked for.

    `position` is the index of the page that comes next; cancelling `scope` stops the task.
    """

    start: int
    position: int
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


class DocumentJob:
    """Keeps the pages that are ready, and reads on while somebody asks. Calls may come at the same time."""

    def __init__(
        self, job_id: str, asked: Asked, reader: Reader, tasks: TaskGroup, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.id = job_id
        self.asked = asked
        self.media_type = ""
        self.warnings: tuple[str, ...] = ()
        self.pace = Pace()
        self._reader = reader
        self._tasks = tasks
        self._now = now
        self._collector = Collector()
        self._ready: dict[int, ReadyPage] = {}
        self._told: set[int] = set()
        self._work: _Work | None = None
        self._error: OcrError | None = None
        self._changed = anyio.Event()
        self._wanted = 0
        self._asked_at = now()
        self._callers = 0

    @property
    def ready_count(self) -> int:
        """Number of the asked pages that are ready, failed ones included."""
        return len(self._ready)

    def pages(self, start: int, end: int) -> list[ReadyPage]:
        """Return the ready pages of a slice; `start` and `end` are indexes in the list of asked pages."""
        ready = (self._ready.get(number) for number in self.asked.numbers[start:end])
        return [page for page in ready if page is not None]

    def index_of(self, number: int) -> int | None:
        """Return the index of the first asked page from page `number` on; None if there is none."""
        return next((index for index, each in enumerate(self.asked.numbers) if each >= number), None)

    async def slice(
        self,
        index: int,
        *,
        offset: int,
        max_chars: int,
        deadline: float,
        on_change: Callable[[], Awaitable[None]],
    ) -> Slice:
        """Return the text from a page on: as much as fits, or as much as is ready at the deadline (a time of `now`).

        Raises the `OcrError` that stopped the reading where nothing is ready. When the caller is cancelled and nobody
        else asks, the work stops; the pages that are done stay.
        """
        async with self._asking(index):
            self._leave_far_work(index)
            while True:
                found = self.cut(index, offset=offset, max_chars=max_chars)
                if not found.waits or self._now() >= deadline:
                    break
                self._wanted = max(self._wanted, found.end)
                self._ensure_work(found.end)
                await self._wait_for_change(deadline)
                if self._error is not None:
                    raise self._error
                await on_change()
            self._told.update(page.number for page in self.pages(found.start, found.end) if page.failure)
            self._wanted = max(self._wanted, found.end)
            self._ensure_ahead()
            return found

    def cut(self, index: int, *, offset: int, max_chars: int) -> Slice:
        """Return the slice that `slice` would give now, without waiting or reading on."""
        return cut_slice(self._piece, len(self.asked.numbers), index=index, offset=offset, max_chars=max_chars)

    def describe(self) -> str:
        """Return the state of the reading as `page 12/300, 4.1 s a page, 20 min left`."""
        return self.pace.describe(self.ready_count, len(self.asked.numbers))

    def text(self) -> str:
        """Return the text of all pages that are ready, in page order."""
        return "".join(page.text for page in self.pages(0, len(self.asked.numbers)))

    def page(self, number: int) -> ReadyPage | None:
        """Return a page that is ready, by its number; None if it is not."""
        return self._ready.get(number)

    def stop(self) -> None:
        """Stop reading, and the model with it."""
        if self._work is not None:
            self._work.scope.cancel()
            self._work = None

    @asynccontextmanager
    async def _asking(self, index: int) -> AsyncGenerator[None]:
        self._asked_at = self._now()
        self._wanted = index
        self._error = None
        self._try_failures_again(index)
        self._callers += 1
        try:
            yield
        except anyio.get_cancelled_exc_class():
            if self._callers == 1:
                self.stop()
            raise
        finally:
            self._callers -= 1
            self._asked_at = self._now()

    def _try_failures_again(self, index: int) -> None:
        """Forget the failures from `index` on that a client was told of: it asks for these pages again."""
        for number in self.asked.numbers[index:]:
            if number in self._told:
                self._told.discard(number)
                del self._ready[number]

    def _piece(self, index: int) -> str | None:
        page = self._ready.get(self.asked.numbers[index])
        return None if page is None else page.text

    async def _wait_for_change(self, deadline: float) -> None:
        with anyio.move_on_after(max(0.0, deadline - self._now())):
            await self._changed.wait()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _ensure_ahead(self) -> None:
        """Read on behind a result, so that the next call finds its pages ready."""
        missing = next((i for i in range(self._wanted, len(self.asked.numbers)) if self._piece(i) is None), None)
        if missing is not None and missing < self._wanted + MAX_PAGES_AHEAD:
            self._ensure_work(missing)

    def _ensure_work(self, index: int) -> None:
        """Start reading at `index`, or wake the work that is under way."""
        if self._work is None:
            self._work = _Work(start=index, position=index)
            self._tasks.start_soon(self._read, self._work)
        else:
            self._notify()

    def _leave_far_work(self, index: int) -> None:
        """Stop work that has passed the page at `index`, or will not reach it soon: the call makes it go on there.

        This happens once for each call: two calls for distant pages must not take the model from each other for ever.
        """
        missing = next((i for i in range(index, len(self.asked.numbers)) if self._piece(i) is None), None)
        work = self._work
        if work and missing is not None and not work.position <= missing <= work.position + MAX_PAGES_AHEAD:
            self.stop()

    async def _read(self, work: _Work) -> None:
        self.pace.start(self._now())
        try:
            with work.scope:
                await self._read_from(work)
        except OcrError as error:
            self._fail(work, error)
        except Exception:
            # The edge of background work: a bug here must not end the server.
            logger.exception("reading behind a call failed unexpectedly")
            self._fail(work, OcrError("Reading the document met a bug in ocr-mcp.", hint=_REPORT_HINT))
        finally:
            if self._work is work:
                self._work = None
            self._notify()

    def _fail(self, work: _Work, error: OcrError) -> None:
        if self._work is work:
            self._error = error

    async def _read_from(self, work: _Work) -> None:
        asked = self.asked
        numbers = [number for number in asked.numbers[work.start :] if number not in self._ready]
        opened = self._reader.reading(
            asked.reference,
            asked.options,
            pages=numbers,
            engine=asked.engine,
            is_wanted=self._is_wanted,
            collector=self._collector,
        )
        async with opened as read:
            if read.source.digest != asked.digest:
                raise SourceChangedError(
                    f"'{asked.name}' changed while it was being read.", hint="Call again to read it from the start."
                )
            self.media_type = read.source.media_type
            async for result in read.results:
                self._keep(result)
                self.warnings = read.warnings
                work.position = asked.numbers.index(result.number) + 1
                self._notify()

    async def _is_wanted(self, number: int) -> bool:
        """Wait while enough is read ahead; return False when there was no call for `MAX_IDLE_SECONDS`."""
        index = self.asked.numbers.index(number)
        while index >= self._wanted + MAX_PAGES_AHEAD or self._idle_for() >= MAX_IDLE_SECONDS:
            if self._idle_for() >= MAX_IDLE_SECONDS:
                return False
            with anyio.move_on_after(MAX_IDLE_SECONDS - self._idle_for()):
                await self._changed.wait()
        return True

    def _idle_for(self) -> float:
        return 0.0 if self._callers else self._now() - self._asked_at

    def _keep(self, result: PageResult) -> None:
        self._ready[result.number] = make_ready_page(result, is_first=result.number == self.asked.numbers[0])
        seconds = result.reading.seconds if isinstance(result, Page) and result.reading else None
        self.pace.page_done(self._now(), engine_seconds=seconds)
