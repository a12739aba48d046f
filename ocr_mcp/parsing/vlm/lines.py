"""Parses answers to `OCR this image.`: a region header for each line, with the line's text in place of a label.

tagged   <|ref|>Total: 162,00 €<|/ref|><|det|>[[80, 800, 400, 840]]<|/det|>
bare     Total: 162,00 €[[80, 800, 400, 840]]
"""

import re

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.parsed import ParsedAnswer, issue, joined
from ocr_mcp.parsing.vlm.labels import known
from ocr_mcp.parsing.vlm.placing import place_all
from ocr_mcp.parsing.vlm.regions import CutAnswer, Region, cut_at_headers, without_stray_tags

_BARE_LINE = re.compile(r"(?P<label>.*\S)[ \t]*(?P<boxes>\[\[[\d, \t\[\]]{7,8000}\]\])[ \t]*")
_HALF_LINE = re.compile(r"(?P<label>.*?)[ \t]*\[\[[\d, \t\[\]]*")


def parse_lines(text: str, image: PageView) -> ParsedAnswer:
    """Return one TEXT block for each line, in the order written. A line without a box is kept without one."""
    cut = cut_at_headers(text) if "<|ref|>" in text else CutAnswer((Region("", None, text),))
    parts: list[ParsedAnswer] = []
    for region in cut.regions:
        parts += [_tagged_line(region, image)] if region.boxes is not None else []
        parts += [_bare_line(line, image) for line in _loose_lines(region)]
    if cut.half_header is not None:
        parts.append(_cut_line(cut.half_header))
    return joined(parts)


def _tagged_line(region: Region, image: PageView) -> ParsedAnswer:
    """Parse a tagged header as a line, unless it is a region's: a known label with content.

    The content of such a region is parsed by `_loose_lines`.
    """
    is_region = known(region.label) is not None and region.content.strip()
    return ParsedAnswer(()) if is_region else _line(region.label, region.boxes or "", image)


def _loose_lines(region: Region) -> list[str]:
    """Return the lines under a header; those of a region with a known label as one line that gets its boxes."""
    content = without_stray_tags(region)[0].content
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if region.boxes is not None and known(region.label) is not None and lines:
        return [f"{' '.join(lines)}{region.boxes}"]
    return lines


def _bare_line(line: str, image: PageView) -> ParsedAnswer:
    match = _BARE_LINE.fullmatch(line)
    if match is not None:
        return _line(match["label"], match["boxes"], image)
    half = _HALF_LINE.fullmatch(line)
    return _cut_line(half["label"]) if half else _line(line, None, image)


def _line(text: str, boxes: str | None, image: PageView) -> ParsedAnswer:
    placed, issues = place_all(boxes, image) if boxes is not None else ((), ())
    return ParsedAnswer((Block(label=BlockLabel.TEXT, text=text.strip(), boxes=placed),), issues)


def _cut_line(text: str) -> ParsedAnswer:
    said = issue(IssueCode.TRUNCATED, "The answer breaks off inside a line's box.")
    return ParsedAnswer((Block(label=BlockLabel.TEXT, text=text.strip()),) if text.strip() else (), (said,))
