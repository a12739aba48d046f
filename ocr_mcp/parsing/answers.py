"""Parses a prediction with the parser of its format: blocks on the page, and issues about what is odd."""

import re

from ocr_mcp.families.base import AnswerSyntax
from ocr_mcp.families.registry import family_of_prediction
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.images import PageView
from ocr_mcp.model.predictions import Prediction, ResponseFormat, StopReason
from ocr_mcp.model.turned_blocks import turned_block
from ocr_mcp.parsing.charts.figures import parse_figure
from ocr_mcp.parsing.layout.recognized import parse_recognized
from ocr_mcp.parsing.parsed import EMPTY, Issues, ParsedAnswer, issue
from ocr_mcp.parsing.vlm.boxes import parse_boxes
from ocr_mcp.parsing.vlm.grounded import parse_grounded
from ocr_mcp.parsing.vlm.light_markdown import parse_light_markdown
from ocr_mcp.parsing.vlm.lines import parse_lines
from ocr_mcp.parsing.vlm.tags import tag_patterns

__all__ = ["ParsedAnswer", "emptiness", "parse_prediction", "parse_upright", "stop_issues"]

_STOPS = {
    StopReason.LENGTH: issue(
        IssueCode.TRUNCATED,
        "The answer reached the limit of tokens and is cut off: the end of the page is missing."
        " Read it again in parts, or with a larger num_predict.",
    ),
    StopReason.LOOP: issue(
        IssueCode.LOOP,
        "The model began to repeat itself and was stopped there: the rest of the page is missing.",
    ),
}


def parse_prediction(prediction: Prediction, image: PageView) -> ParsedAnswer:
    """Parse an answer by its format. Boxes are in page units; whatever is odd becomes an issue, never an error.

    An answer to a turned picture is parsed as one to an upright page; then its boxes are put on the page as displayed.
    """
    upright = image.upright() if image.turn else image
    parsed = parse_upright(prediction, upright)
    blocks = tuple(turned_block(block, upright.page_size, image.turn.back) for block in parsed.blocks)
    issues = dict.fromkeys((*stop_issues(prediction), *parsed.issues, *emptiness(prediction, parsed)))
    return ParsedAnswer(blocks, tuple(issues))


def parse_upright(prediction: Prediction, image: PageView) -> ParsedAnswer:
    """Return the blocks of an answer to a picture that is not turned, and an issue for each oddity."""
    syntax = family_of_prediction(prediction.family).syntax
    patterns = tag_patterns(syntax.tags, syntax.end_token)
    text = patterns.end.sub("", prediction.text.replace("\r\n", "\n"))
    match prediction.format:
        case ResponseFormat.GROUNDED:
            return parse_grounded(text, image, syntax)
        case ResponseFormat.GROUNDED_LINES:
            return parse_lines(text, image, syntax)
        case ResponseFormat.MARKDOWN | ResponseFormat.PROSE:
            is_tagged = patterns.label_start.search(text)
            return parse_grounded(text, image, syntax) if is_tagged else parse_light_markdown(text)
        case ResponseFormat.BOXES:
            return parse_boxes(text, image, syntax)
        case ResponseFormat.RECOGNIZED_LINES:
            return parse_recognized(text, image)
        case ResponseFormat.FIGURE:
            return _parse_figure(text, image, syntax, cut=prediction.stop is not StopReason.STOP)


def _parse_figure(text: str, image: PageView, syntax: AnswerSyntax, *, cut: bool) -> ParsedAnswer:
    """Return a figure as one block on the place of the picture; its records are left to `parse_figure`."""
    figure, issues = parse_figure(text, syntax, cut=cut)
    block = Block(label=BlockLabel.CHART, text=figure.text, boxes=(image.region,))
    return ParsedAnswer((block,) if figure.text else (), issues)


def stop_issues(prediction: Prediction) -> Issues:
    """Return an issue if the answer did not end by itself."""
    found = _STOPS.get(prediction.stop)
    return (found,) if found is not None else ()


def emptiness(prediction: Prediction, parsed: ParsedAnswer) -> Issues:
    """Return an issue if nothing was read. A page of figures alone has boxes without text, and is not empty."""
    if any(block.boxes or re.search(r"[^\W_]", block.text) for block in parsed.blocks):
        return ()
    if prediction.format is ResponseFormat.RECOGNIZED_LINES:
        return (issue(IssueCode.EMPTY_ANSWER, "No text was found on the page."),)
    return (EMPTY,)
