"""Makes a page from its own text, and from its pictures where they hold more."""

from dataclasses import dataclass

from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import IssueCode, Page, PageIssue, PageOrigin, Reading
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.options import Rotate
from ocr_mcp.model.predictions import TokenUsage
from ocr_mcp.model.read_options import ReadOptions
from ocr_mcp.model.text_layers import TextLayer
from ocr_mcp.parsing.text_layer.blocks import parse_text_layer
from ocr_mcp.parsing.text_layer.hidden_text import hidden_line_issues, hidden_text_issues
from ocr_mcp.parsing.text_layer.picture_regions import RegionBlocks, insert_region_blocks, select_new_blocks
from ocr_mcp.parsing.text_layer.trust import PARTIAL_COVER, is_ocr_behind_scan
from ocr_mcp.pipeline.engine_choice import ChooseEngine
from ocr_mcp.pipeline.fused_tables import FusedTables
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.question import Question
from ocr_mcp.pipeline.readings import reading_of
from ocr_mcp.pipeline.routing import Route
from ocr_mcp.sources.documents import OpenSource


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The pictures of a page as an engine read them. `reading` is None where they hold nothing to read."""

    read: tuple[RegionBlocks, ...] = ()
    issues: tuple[PageIssue, ...] = ()
    reading: Reading | None = None


class NativeReader:
    """Makes the pages of one document from their text; an engine reads their pictures."""

    def __init__(self, source: OpenSource, choose: ChooseEngine, options: ReadOptions, predictor: Predictor) -> None:
        self._source = source
        self._choose = choose
        self._options = options
        self._predictor = predictor

    async def read_page(self, number: int, layer: TextLayer, route: Route) -> Page:
        """Return the page, read as its route says."""
        info = await self._source.page_info(number)
        pictures = await self._read_pictures(number, layer, route)
        blocks = insert_region_blocks(parse_text_layer(layer, info.size), pictures.read)
        issues = (*_list_issues(layer, route), *pictures.issues, *hidden_text_issues(blocks))
        return Page(
            number=number,
            size=info.size,
            unit=info.unit,
            origin=PageOrigin.MIXED if pictures.read else PageOrigin.TEXT_LAYER,
            origin_reason=f"{route.reason}; its pictures hold more" if pictures.read else route.reason,
            task=self._options.task,
            blocks=blocks,
            issues=(*self._source.issues, *issues),
            reading=pictures.reading,
        )

    async def _read_pictures(self, number: int, layer: TextLayer, route: Route) -> _Pictures:
        if not route.unread:
            return _Pictures()
        try:
            return await self._read_regions(number, layer, route.unread)
        except OcrError as error:
            # The page's own text is good: it is not given up because its pictures cannot be read.
            return _Pictures(issues=(_note_unread(layer, f"could not be read: {error.message}"),))

    async def _read_regions(self, number: int, layer: TextLayer, regions: tuple[BoundingBox, ...]) -> _Pictures:
        chosen = await self._choose(self._options.task)
        read: list[RegionBlocks] = []
        issues: list[PageIssue] = []
        readings: list[Reading] = []
        for region in regions:
            question = Question(self._options.task, region=region, rotate=Rotate.NONE)
            answer = await self._predictor.predict(chosen.engine, self._source, number, question)
            parsed = await FusedTables(self._source, self._predictor, chosen.engine, question, answer).parse()
            if blocks := select_new_blocks(region, parsed.blocks, layer):
                read.append((region, blocks))
                issues += (*answer.issues, *parsed.issues)
                readings.append(reading_of(answer.prediction))
        return _Pictures(tuple(read), tuple(dict.fromkeys(issues)), _join_readings(readings))


def _join_readings(readings: list[Reading]) -> Reading | None:
    """Return the first reading with the seconds of all; the figures that cannot be added are left out."""
    if len(readings) < 2:
        return readings[0] if readings else None
    seconds = sum(reading.seconds for reading in readings)
    return readings[0].model_copy(update={"seconds": seconds, "usage": TokenUsage(), "compression": None})


def _list_issues(layer: TextLayer, route: Route) -> tuple[PageIssue, ...]:
    hidden = () if is_ocr_behind_scan(layer) else hidden_line_issues(layer)
    if route.doubt is not None:
        return (_make_issue(f"The text layer was used as asked, although {route.doubt}."), *hidden)
    if layer.raster_cover >= PARTIAL_COVER and route.is_forced:
        return (_note_unread(layer, "were not read. To read them too, use text_layer 'auto'."), *hidden)
    return hidden


def _note_unread(layer: TextLayer, why: str) -> PageIssue:
    return _make_issue(f"Pictures cover {layer.raster_cover:.0%} of the page and {why}")


def _make_issue(message: str) -> PageIssue:
    return PageIssue(code=IssueCode.TEXT_LAYER, message=message)
