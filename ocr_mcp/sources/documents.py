"""Opened documents, seen from the process that never parses them.

This process reads and keeps the bytes; a render worker opens, measures and draws them. A worker that lost a document,
because it was killed over another page or has served its calls, gets the bytes again.
"""

import hashlib
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Generator
from contextlib import asynccontextmanager, contextmanager, suppress

import anyio
from pydantic import JsonValue, PositiveInt, TypeAdapter, ValidationError

from ocr_mcp.errors import OcrError
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.documents import PageIssue
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size, whole_page
from ocr_mcp.model.images import PageImage, PageInfo, Raster
from ocr_mcp.model.ink import PageInk
from ocr_mcp.model.page_ranges import page_missing
from ocr_mcp.model.text_layers import TextLayer, TextSnippet, UnseenText
from ocr_mcp.model.turning import Turn
from ocr_mcp.runtime.background_tasks import companions
from ocr_mcp.sources.loading import load_content
from ocr_mcp.sources.raster import check_shape, clamp_region, find_scan_edges, find_turned_target_size
from ocr_mcp.sources.render_limits import (
    RenderLimits,
    describe_opening_failure,
    describe_page_failure,
    describe_renderer_failure,
)
from ocr_mcp.sources.renderers import Content, Renderers
from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.handover import Payload
from ocr_mcp.workers.process import WorkerError

logger = logging.getLogger(__name__)

_ISSUES = TypeAdapter(tuple[PageIssue, ...])

MAX_UNSEEN_SECONDS = 5.0
"""Limit for the search for text that nobody sees, which takes some 10 ms; a page that exceeds it is read without."""

OnLoaded = Callable[[Content], Awaitable[None]]
"""Called with a document whose bytes were read, before a worker is sent them."""

_SIZE_PX = TypeAdapter(tuple[PositiveInt, PositiveInt])
_SNIPPETS = TypeAdapter(list[tuple[str, str, int]])


class OpenSource:
    """A document that can be read page by page until its context is left. Several pages may be read at the same time.

    `name` is for display. `digest` is the SHA-256 of the bytes in hex. `issues` hold for every page.
    """

    def __init__(self, content: Content, renderers: Renderers, facts: Header) -> None:
        self._content = content
        self._renderers = renderers
        self._infos: dict[int, PageInfo] = {}
        self.name = content.name
        self.digest = content.digest
        self.media_type = str(facts["media_type"])
        self.unit = PageUnit(str(facts["unit"]))
        self.page_count = int(str(facts["page_count"]))
        self.issues = _ISSUES.validate_python(facts["issues"])

    @property
    def content(self) -> Payload:
        """Bytes of the document, for a worker."""
        return self._content.data

    async def page_info(self, number: int) -> PageInfo:
        """Return the size and unit of a page.

        Raises `PageRangeError`, or `UnrenderableError` for a page whose box is impossible.
        """
        self._check_number(number)
        if number not in self._infos:
            answer, _ = await self._ask("measure", number, {})
            self._infos[number] = self._parse_measure(number, answer)
        return self._infos[number]

    def _parse_measure(self, number: int, answer: Header) -> PageInfo:
        size = Size(width=float(str(answer["width"])), height=float(str(answer["height"])))
        check_shape(size)
        inch = answer.get("units_per_inch")
        inch = float(inch) if isinstance(inch, int | float) else None
        return PageInfo(number=number, size=size, unit=self.unit, units_per_inch=inch)

    async def render(
        self,
        number: int,
        raster: Raster,
        *,
        region: BoundingBox | None = None,
        turn: Turn = Turn.NONE,
        levelness: bool = False,
    ) -> PageImage:
        """Draw the page, or the part of it that `region` names in page units, as a JPEG picture for an engine.

        `turn` rotates the page as displayed, and `raster` holds for the turned page. With `levelness` the picture says
        how level its lines look.
        """
        info = await self.page_info(number)
        shown = whole_page(info.size) if region is None else clamp_region(region, info.size)
        width_px, height_px = find_turned_target_size(info, raster, shown, turn)
        arguments = _describe_drawing(raster, shown, (width_px, height_px), turn)
        if region is None and turn is Turn.NONE and (edges := find_scan_edges(raster, max(width_px, height_px))):
            arguments["scan_edge_px"] = [*edges]
        if levelness:
            arguments["levelness"] = True
        facts, data = await self._ask("render", number, arguments)
        if "scan_px" in facts:
            with _checking_answer(number):
                width_px, height_px = _SIZE_PX.validate_python(facts["scan_px"])
        level = facts.get("levelness")
        return PageImage(
            number=number,
            page_size=info.size,
            unit=info.unit,
            region=shown,
            width_px=width_px,
            height_px=height_px,
            media_type="image/jpeg",
            data=data,
            digest=hashlib.sha256(data).hexdigest(),
            turn=turn,
            levelness=level if isinstance(level, float) else None,
        )

    async def ink(self, number: int, raster: Raster, *, region: BoundingBox, turn: Turn = Turn.NONE) -> PageInk:
        """Return where the region, drawn with that raster and turned, is printed and where it is white."""
        info = await self.page_info(number)
        shown = clamp_region(region, info.size)
        size_px = find_turned_target_size(info, raster, shown, turn)
        header, _ = await self._ask("ink", number, _describe_drawing(raster, shown, size_px, turn))
        with _checking_answer(number):
            return PageInk.model_validate(header)

    async def text_layer(self, number: int) -> TextLayer | None:
        """Return the text that a PDF page carries itself, with the part that nobody sees; None for a picture."""
        self._check_number(number)
        answer, payload = await self._ask("text_layer", number, {})
        with suppress(OcrError, KeyError):  # the page may have text and no size; `page_info` says so
            self._infos[number] = self._parse_measure(number, answer)
        with _checking_answer(number):
            layer = TextLayer.model_validate_json(payload) if payload else None
        return await self._add_unseen(number, layer) if layer and layer.lines else layer

    async def _add_unseen(self, number: int, layer: TextLayer) -> TextLayer:
        """Add to the layer how much of it nobody sees.

        That takes a drawing of the page, and a page that cannot be drawn may still be read.
        """
        try:
            found, _ = await self._ask("unseen_text", number, {}, seconds=MAX_UNSEEN_SECONDS)
        except OcrError as error:
            logger.info("page %d was not searched for text that is not seen: %s", number, error.code)
            return layer
        with _checking_answer(number):
            return layer.model_copy(update={"unseen": UnseenText.model_validate(found)})

    async def snippets(
        self, number: int, *, count: int, fonts: Collection[str] | None = None
    ) -> tuple[TextSnippet, ...]:
        """Return about `count` stretches of a page's own text as pictures that an engine can recognise again.

        They are spread over `fonts`. None takes all fonts, and text that is drawn invisibly too.
        """
        self._check_number(number)
        wanted: list[JsonValue] | None = None if fonts is None else [*sorted(fonts)]
        header, payload = await self._ask("snippets", number, {"count": count, "fonts": wanted})
        with _checking_answer(number):
            return _split_snippets(header, payload)

    async def _ask(self, op: str, number: int, arguments: Header, *, seconds: float = math.inf) -> tuple[Header, bytes]:
        limits = self._renderers.limits
        seconds = min(seconds, limits.render_seconds)
        try:
            return await self._renderers.ask(self._content, op, {"number": number, **arguments}, seconds=seconds)
        except WorkerError as error:
            raise describe_page_failure(error, number, limits) from error

    def _check_number(self, number: int) -> None:
        if not 1 <= number <= self.page_count:
            raise page_missing(number, self.page_count)


class SourceReader:
    """Opener of documents, as far as the policy permits. Close it, because it keeps its workers warm."""

    def __init__(
        self,
        *,
        policy: AccessPolicy,
        render_workers: int = 2,
        limits: RenderLimits | None = None,
    ) -> None:
        self._policy = policy
        self._renderers = Renderers(render_workers, limits or RenderLimits())

    @asynccontextmanager
    async def open(self, reference: str, *, on_loaded: OnLoaded | None = None) -> AsyncGenerator[OpenSource]:
        """Open the document at a path, a `file:` or `data:` URL or, where the policy permits it, an http(s) address.

        `on_loaded` is called before the bytes are sent to a worker, which takes a while for a large file.
        """
        content = await self._load_and_warm(reference)
        if on_loaded is not None:
            await on_loaded(content)
        limits = self._renderers.limits
        try:
            facts, _ = await self._renderers.ask(content, "describe", {}, seconds=limits.open_seconds)
        except WorkerError as error:
            raise describe_opening_failure(error, content.name, limits) from error
        yield OpenSource(content, self._renderers, facts)

    @property
    def sandbox(self) -> tuple[str, ...]:
        """Layers of the sandbox that confines the parsing processes ("landlock", "seccomp", "rlimits").

        Empty before one has started.
        """
        return self._renderers.sandbox

    async def aclose(self) -> None:
        """End the workers."""
        await self._renderers.aclose()

    async def _load_and_warm(self, reference: str) -> Content:
        """Load a document, and start a worker meanwhile, because reading a large file takes a while."""
        is_warm = anyio.Event()

        async def warm() -> None:
            await self._renderers.warm()
            is_warm.set()

        async with companions() as tasks:
            tasks.start_soon(warm)
            content = await load_content(reference, self._policy)
            await is_warm.wait()
        return content


@contextmanager
def _checking_answer(number: int) -> Generator[None]:
    """Turn a `ValidationError` into an error of the page, because a file may have made the worker answer anything."""
    try:
        yield
    except ValidationError as error:
        raise describe_renderer_failure(number) from error


def _describe_drawing(raster: Raster, shown: BoundingBox, size_px: tuple[int, int], turn: Turn) -> Header:
    """Return the arguments with which a worker draws a part of a page. `size_px` is the size of the turned picture."""
    width_px, height_px = size_px
    return {
        "size_px": [height_px, width_px] if turn.is_sideways else [width_px, height_px],
        "turn": int(turn),
        "region": [shown.left, shown.top, shown.right, shown.bottom],
        "jpeg_quality": raster.jpeg_quality,
    }


def _split_snippets(header: Header, payload: bytes) -> tuple[TextSnippet, ...]:
    found: list[TextSnippet] = []
    start = 0
    for text, font, size in _SNIPPETS.validate_python(header.get("snippets", [])):
        found.append(TextSnippet(text, font, payload[start : start + size]))
        start += size
    return tuple(found)
