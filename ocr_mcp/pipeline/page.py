"""One page: from the text layer where that can be trusted, else from its picture."""

import hashlib

from ocr_mcp.cache import Cache
from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import IssueCode, Page, PageFailure, PageIssue, PageOrigin, Reading
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.predictions import Prediction, Task
from ocr_mcp.parsing.answers import parse_prediction
from ocr_mcp.parsing.hidden_text import hidden_line_issues, hidden_text_issues
from ocr_mcp.parsing.text_layer import parse_text_layer
from ocr_mcp.parsing.text_trust import TextLayerVerdict, judge_text_layer
from ocr_mcp.pipeline.answers import PageAnswer
from ocr_mcp.pipeline.choice import ChooseEngine
from ocr_mcp.pipeline.options import Question, ReadOptions, TextLayerPolicy
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.sources.documents import OpenSource

ROUTING_REVISION = 1
"""Raise it when `judge_text_layer` would decide otherwise."""


async def read_page(
    source: OpenSource, number: int, choose: ChooseEngine, options: ReadOptions, predictor: Predictor
) -> Page:
    """Read one page. Raises the `OcrError` that stopped it."""
    reason = "the text layer was not to be used"
    if options.may_use_text_layer:
        native, reason = await _native_page(source, number, options, predictor.cache)
        if native is not None:
            return native
    chosen = await choose(options.task)
    question = Question(options.task, options.query, options.region)
    answer = await predictor.predict(chosen.engine, source, number, question)
    return _page(source, answer, reason)


async def predict_figure(
    source: OpenSource, number: int, choose: ChooseEngine, region: BoundingBox | None, predictor: Predictor
) -> PageAnswer:
    """Ask for the data of the figure on a page, or in a part of it."""
    chosen = await choose(Task.CHART)
    return await predictor.predict(chosen.engine, source, number, Question(Task.CHART, region=region))


async def _native_page(
    source: OpenSource, number: int, options: ReadOptions, cache: Cache | None
) -> tuple[Page | None, str]:
    """The page from its text layer, or None and why not. That "not" is remembered: it is what a scan says each time."""
    forced = options.text_layer is TextLayerPolicy.ALWAYS
    key = _distrust_key(source, number)
    known = await cache.get(key) if cache and not forced else None
    if known is not None:
        return None, known.decode()
    layer = await source.text_layer(number)
    verdict = judge_text_layer(layer)
    if layer is None or not (verdict.trusted or forced):
        if cache:
            await cache.put(key, verdict.reason.encode())
        return None, verdict.reason
    info = await source.page_info(number)
    blocks = parse_text_layer(layer)
    page = Page(
        number=number,
        size=info.size,
        unit=info.unit,
        origin=PageOrigin.TEXT_LAYER,
        origin_reason=verdict.reason if verdict.trusted else "the text layer was asked for",
        task=options.task,
        blocks=blocks,
        issues=(*source.issues, *_text_layer_issues(verdict), *hidden_line_issues(layer), *hidden_text_issues(blocks)),
    )
    return page, verdict.reason


def _distrust_key(source: OpenSource, number: int) -> str:
    page = f"{source.digest}|{number}|{ROUTING_REVISION}"
    return f"distrust:{hashlib.sha256(page.encode()).hexdigest()}"


def _text_layer_issues(verdict: TextLayerVerdict) -> tuple[PageIssue, ...]:
    if not verdict.trusted:
        doubt = f"The text layer was used as asked, although {verdict.reason}."
        return (PageIssue(code=IssueCode.TEXT_LAYER, message=doubt),)
    if verdict.unread_cover:
        unread = (
            f"Pictures cover {verdict.unread_cover:.0%} of the page and were not read."
            " To read them too, use text_layer 'never'."
        )
        return (PageIssue(code=IssueCode.TEXT_LAYER, message=unread),)
    return ()


def _page(source: OpenSource, answer: PageAnswer, reason: str) -> Page:
    view, prediction = answer.view, answer.prediction
    parsed = parse_prediction(prediction, view)
    return Page(
        number=view.number,
        size=view.page_size,
        unit=view.unit,
        origin=PageOrigin.OCR,
        origin_reason=reason,
        task=prediction.task,
        blocks=parsed.blocks,
        issues=(*source.issues, *answer.issues, *parsed.issues, *hidden_text_issues(parsed.blocks)),
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
