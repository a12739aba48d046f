"""Answers to a prompt for lines: one region header for each line, where the label is the text.

Headers are tagged or bare as in `regions`; a bare one is `Total: 162,00 €[[80, 800, 400, 840]]`.
"""

import re

from ocr_mcp.families.base import AnswerSyntax
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.parsed import ParsedAnswer, issue, joined
from ocr_mcp.parsing.vlm.labels import known_label
from ocr_mcp.parsing.vlm.placing import place_all
from ocr_mcp.parsing.vlm.regions import CutAnswer, Region, cut_at_headers, without_stray_tags
from ocr_mcp.parsing.vlm.tags import tag_patterns

_BARE_LINE = re.compile(r"(?P<label>.*\S)[ \t]*(?P<boxes>\[\[[\d, \t\[\]]{7,8000}\]\])[ \t]*")
_HALF_LINE = re.compile(r"(?P<label>.*?)[ \t]*\[\[[\d, \t\[\]]*")


def parse_lines(text: str, image: PageView, syntax: AnswerSyntax) -> ParsedAnswer:
    """Return one TEXT block a line, in the order written. Lines without a box are kept without."""
    is_tagged = tag_patterns(syntax.tags, syntax.end_token).label_start.search(text)
    cut = cut_at_headers(text, syntax) if is_tagged else CutAnswer((Region("", None, text),))
    parts: list[ParsedAnswer] = []
    for region in cut.regions:
        parts += [_tagged_line(region, image, syntax)] if region.boxes is not None else []
        parts += [_bare_line(line, image, syntax) for line in _loose_lines(region, syntax)]
    if cut.half_header is not None:
        parts.append(_cut_line(cut.half_header))
    return joined(parts)


def _tagged_line(region: Region, image: PageView, syntax: AnswerSyntax) -> ParsedAnswer:
    """A header whose label is the word `text`, with content, is a region after all: the content is the text."""
    is_region = known_label(region.label, syntax.labels) is not None and region.content.strip()
    return ParsedAnswer(()) if is_region else _line(region.label, region.boxes or "", image, syntax)


def _loose_lines(region: Region, syntax: AnswerSyntax) -> list[str]:
    content = without_stray_tags(region, syntax)[0].content
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if region.boxes is not None and known_label(region.label, syntax.labels) is not None and lines:
        return [f"{' '.join(lines)}{region.boxes}"]
    return lines


def _bare_line(line: str, image: PageView, syntax: AnswerSyntax) -> ParsedAnswer:
    match = _BARE_LINE.fullmatch(line)
    if match is not None:
        return _line(match["label"], match["boxes"], image, syntax)
    half = _HALF_LINE.fullmatch(line)
    return _cut_line(half["label"]) if half else _line(line, None, image, syntax)


def _line(text: str, boxes: str | None, image: PageView, syntax: AnswerSyntax) -> ParsedAnswer:
    placed, issues = place_all(boxes, image, scale=syntax.box_scale) if boxes is not None else ((), ())
    return ParsedAnswer((Block(label=BlockLabel.TEXT, text=text.strip(), boxes=placed),), issues)


def _cut_line(text: str) -> ParsedAnswer:
    said = issue(IssueCode.TRUNCATED, "The answer breaks off inside a line's box.")
    return ParsedAnswer((Block(label=BlockLabel.TEXT, text=text.strip()),) if text.strip() else (), (said,))
