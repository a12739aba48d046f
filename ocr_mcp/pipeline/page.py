"""One page: from its text layer where that can be trusted, else from its picture."""

from ocr_mcp.model.documents import IssueCode, Page, PageIssue, PageOrigin
from ocr_mcp.model.images import PageView
from ocr_mcp.model.options import Rotate, TextLayerPolicy
from ocr_mcp.model.read_options import ReadOptions
from ocr_mcp.parsing.answers import ParsedAnswer
from ocr_mcp.parsing.text_layer.hidden_text import hidden_text_issues
from ocr_mcp.pipeline.answers import PageAnswer
from ocr_mcp.pipeline.engine_choice import ChooseEngine
from ocr_mcp.pipeline.fused_tables import FusedTables
from ocr_mcp.pipeline.native import NativeReader
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.question import Question
from ocr_mcp.pipeline.readings import reading_of
from ocr_mcp.pipeline.routing import Router
from ocr_mcp.pipeline.tiled_pages import read_whole_or_in_parts
from ocr_mcp.sources.documents import OpenSource


async def read_page(
    source: OpenSource,
    number: int,
    choose: ChooseEngine,
    options: ReadOptions,
    predictor: Predictor,
    router: Router,
) -> Page:
    """Read one page. Raises the `OcrError` that stopped it."""
    reason = "the text layer was not to be used"
    if options.may_use_text_layer:
        route = await router.route(source, number, forced=options.text_layer is TextLayerPolicy.ALWAYS)
        if route.layer is not None:
            return await NativeReader(source, choose, options, predictor).read_page(number, route.layer, route)
        reason = route.reason
    chosen = await choose(options.task)
    question = Question(options.task, options.query, options.region, options.rotate or Rotate.AUTO)
    answer = await read_whole_or_in_parts(predictor, chosen.engine, source, number, question)
    parsed = await FusedTables(source, predictor, chosen.engine, question, answer).parse()
    return _to_page(source, answer, parsed, reason)


def _to_page(source: OpenSource, answer: PageAnswer, parsed: ParsedAnswer, reason: str) -> Page:
    view, prediction = answer.view, answer.prediction
    return Page(
        number=view.number,
        size=view.page_size,
        unit=view.unit,
        origin=PageOrigin.OCR,
        origin_reason=reason,
        task=prediction.task,
        blocks=parsed.blocks,
        issues=(
            *source.issues,
            *_turn_issues(view),
            *answer.issues,
            *parsed.issues,
            *hidden_text_issues(parsed.blocks),
        ),
        reading=reading_of(prediction),
        turn=view.turn,
    )


def _turn_issues(view: PageView) -> tuple[PageIssue, ...]:
    return (PageIssue(code=IssueCode.TURNED, message=view.turn_reason),) if view.turn_reason else ()
