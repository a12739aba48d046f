"""The one path of a page: route, render, predict, parse. And of many: in order, bounded, each failure its own."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import anyio
import stamina
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ocr_mcp.companions import companions
from ocr_mcp.engines.base import Engine, PredictionRequest
from ocr_mcp.errors import EngineBusyError, EngineCrashedError, EngineProtocolError, OcrError, TaskNotSupportedError
from ocr_mcp.model.documents import IssueCode, Page, PageFailure, PageIssue, PageOrigin, Reading
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import Prediction, Task
from ocr_mcp.parsing.answers import parse_prediction
from ocr_mcp.parsing.text_layer import parse_text_layer
from ocr_mcp.parsing.text_trust import TextLayerVerdict, judge_text_layer
from ocr_mcp.sources.documents import OpenSource

logger = logging.getLogger(__name__)

READ_AHEAD_PAGES = 4
"""Pages that are rendered before the engine is free for them."""

RETRIED = (EngineBusyError, EngineCrashedError, EngineProtocolError)
"""What a second attempt can mend: a full queue, a crashed runner that reloads, a connection cut in the middle."""

PageResult = Page | PageFailure


class TextLayerPolicy(StrEnum):
    """Whether a PDF's own text is used: where it can be trusted, always, or never."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is asked of every page. `region` is in page units; `query` is what `Task.LOCATE` looks for."""

    task: Task = Task.MARKDOWN
    query: str | None = None
    region: BoundingBox | None = None
    text_layer: TextLayerPolicy = TextLayerPolicy.AUTO

    @property
    def may_use_text_layer(self) -> bool:
        """Only the tasks that want the page's text can take it from the PDF."""
        wants_text = self.task in (Task.MARKDOWN, Task.TEXT) and self.region is None
        return wants_text and self.text_layer is not TextLayerPolicy.NEVER


@dataclass(slots=True)
class ChosenEngine:
    """The engine for this read, and what the user should know about the choice."""

    engine: Engine
    warnings: tuple[str, ...] = ()


ChooseEngine = Callable[[Task], Awaitable[ChosenEngine]]
"""Called when a page needs an engine for a task: a document that carries its own text needs none."""


async def read_page(source: OpenSource, number: int, choose: ChooseEngine, options: ReadOptions) -> Page:
    """Read one page. Raises the `OcrError` that stopped it."""
    reason = "the text layer was not to be used"
    if options.may_use_text_layer:
        native, reason = await _native_page(source, number, options)
        if native is not None:
            return native
    chosen = await choose(options.task)
    image = await _render(source, number, chosen.engine, options)
    prediction = await predict(chosen.engine, image, options.task, options.query)
    return _page(source, prediction, image, reason)


async def predict_figure(
    source: OpenSource, number: int, choose: ChooseEngine, region: BoundingBox | None
) -> Prediction:
    """Ask for the data of the figure on a page, or in a part of it."""
    chosen = await choose(Task.CHART)
    options = ReadOptions(task=Task.CHART, region=region)
    image = await _render(source, number, chosen.engine, options)
    return await predict(chosen.engine, image, Task.CHART, None)


async def predict(engine: Engine, image: PageImage, task: Task, query: str | None) -> Prediction:
    """One answer, with the only retries there are: three attempts for what a second attempt can mend."""
    request = PredictionRequest(image=image, task=task, query=query)
    async for attempt in stamina.retry_context(on=RETRIED, attempts=3, wait_initial=0.5, wait_max=5.0, timeout=None):
        with attempt:
            return await engine.predict(request)
    raise AssertionError("unreachable: retry_context raises the last error")


async def _native_page(source: OpenSource, number: int, options: ReadOptions) -> tuple[Page | None, str]:
    layer = await source.text_layer(number)
    verdict = judge_text_layer(layer)
    forced = options.text_layer is TextLayerPolicy.ALWAYS and layer is not None
    if layer is None or not (verdict.trusted or forced):
        return None, verdict.reason
    info = await source.page_info(number)
    page = Page(
        number=number,
        size=info.size,
        unit=info.unit,
        origin=PageOrigin.TEXT_LAYER,
        origin_reason="the text layer was asked for" if forced and not verdict.trusted else verdict.reason,
        task=options.task,
        blocks=parse_text_layer(layer),
        issues=(*source.issues, *_text_layer_issues(verdict, forced=forced)),
    )
    return page, verdict.reason


def _text_layer_issues(verdict: TextLayerVerdict, *, forced: bool) -> tuple[PageIssue, ...]:
    if forced and not verdict.trusted:
        doubt = f"The text layer was used as asked, although {verdict.reason}."
        return (PageIssue(code=IssueCode.TEXT_LAYER, message=doubt),)
    if verdict.unread_cover:
        unread = (
            f"Pictures cover {verdict.unread_cover:.0%} of the page and were not read."
            " To read them too, use text_layer 'never'."
        )
        return (PageIssue(code=IssueCode.TEXT_LAYER, message=unread),)
    return ()


async def _render(source: OpenSource, number: int, engine: Engine, options: ReadOptions) -> PageImage:
    profile = await engine.profile()
    if not profile.supports(options.task):
        raise _task_not_supported(engine.name, options.task)
    return await source.render(number, profile.raster, region=options.region)


def _task_not_supported(engine: str, task: Task) -> TaskNotSupportedError:
    """The error for a task that an engine has no way to do, naming what has."""
    return TaskNotSupportedError(
        f"The engine '{engine}' cannot do the task '{task.value}'.",
        hint="A vision model can: install Ollama, run 'ollama pull deepseek-ocr', and use the engine 'ollama'.",
    )


def _page(source: OpenSource, prediction: Prediction, image: PageImage, reason: str) -> Page:
    answer = parse_prediction(prediction, image)
    return Page(
        number=image.number,
        size=image.page_size,
        unit=image.unit,
        origin=PageOrigin.OCR,
        origin_reason=reason,
        task=prediction.task,
        blocks=answer.blocks,
        issues=(*source.issues, *answer.issues),
        reading=reading_of(prediction),
    )


def reading_of(prediction: Prediction) -> Reading:
    """How the engine read, without its words."""
    return Reading(
        identity=prediction.identity,
        usage=prediction.usage,
        compression=prediction.usage.compression,
        stop=prediction.stop,
        seconds=prediction.seconds,
    )


def failure_of(number: int, error: OcrError) -> PageFailure:
    """A page that could not be read, as a value."""
    return PageFailure(number=number, code=error.code, reason=error.message, hint=error.hint)


@dataclass(slots=True)
class _Slot:
    number: int
    done: anyio.Event = field(default_factory=anyio.Event)
    result: PageResult | None = None


@asynccontextmanager
async def read_pages(
    source: OpenSource, numbers: Sequence[int], choose: ChooseEngine, options: ReadOptions, *, at_once: int
) -> AsyncGenerator[MemoryObjectReceiveStream[PageResult]]:
    """Read pages `at_once` at a time and a few rendered ahead; the stream yields them in the order of `numbers`.

    A page that fails is a `PageFailure` in its place. Leaving the context stops all work. Memory is bounded by the
    window of `at_once + READ_AHEAD_PAGES` pages, however long the document is.
    """
    send, receive = anyio.create_memory_object_stream[PageResult](0)
    window = anyio.Semaphore(at_once + READ_AHEAD_PAGES)
    queued_send, queued_receive = anyio.create_memory_object_stream[_Slot](at_once + READ_AHEAD_PAGES)

    async def start_pages() -> None:
        async with queued_send:
            for number in numbers:
                await window.acquire()
                slot = _Slot(number)
                tasks.start_soon(_fill, slot, source, choose, options)
                await queued_send.send(slot)

    async with companions() as tasks, receive:
        tasks.start_soon(start_pages)
        tasks.start_soon(_emit_in_order, queued_receive, send, window)
        yield receive


async def _emit_in_order(
    slots: MemoryObjectReceiveStream[_Slot], out: MemoryObjectSendStream[PageResult], window: anyio.Semaphore
) -> None:
    async with slots, out:
        async for slot in slots:
            await slot.done.wait()
            assert slot.result is not None  # noqa: S101  set before the event, see _fill
            await out.send(slot.result)
            window.release()


async def _fill(slot: _Slot, source: OpenSource, choose: ChooseEngine, options: ReadOptions) -> None:
    try:
        slot.result = await read_page(source, slot.number, choose, options)
    except OcrError as error:
        slot.result = failure_of(slot.number, error)
    except Exception:
        # The edge of a background page: a bug on one page must not lose the others. The traceback goes to the log.
        logger.exception("page %d failed unexpectedly", slot.number)
        slot.result = PageFailure(
            number=slot.number,
            code="INTERNAL",
            reason="This page met a bug in ocr-mcp.",
            hint="Run with OCR_MCP_LOG_LEVEL=DEBUG and report the traceback from the log.",
        )
    finally:
        slot.done.set()
