"""Parses answers to the grounded prompts: regions of a label, boxes and Markdown."""

import re
from collections.abc import Mapping

from ocr_mcp.families.base import AnswerSyntax
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.parsed import ParsedAnswer, excerpt, issue, joined
from ocr_mcp.parsing.vlm.labels import is_label_shaped, known_label, normalize_label
from ocr_mcp.parsing.vlm.pipe_tables import is_row
from ocr_mcp.parsing.vlm.placing import place_all
from ocr_mcp.parsing.vlm.region_blocks import blocks_of_region
from ocr_mcp.parsing.vlm.regions import Region, cut_at_headers, without_stray_tags

_TABLE_START = re.compile(r"<table\b", re.IGNORECASE)


def parse_grounded(text: str, image: PageView, syntax: AnswerSyntax) -> ParsedAnswer:
    """Return blocks with boxes in page units, in the order the model wrote them; nothing that it wrote is lost."""
    cut = cut_at_headers(text, syntax)
    regions = _move_rows_from_captions(list(cut.regions), syntax.labels)
    parts = [_parse_region(region, image, syntax) for region in regions]
    if cut.half_header is not None:
        parts.append(_report_half_header(cut.half_header, syntax.labels))
    return joined(parts)


def _parse_region(region: Region, image: PageView, syntax: AnswerSyntax) -> ParsedAnswer:
    region, had_tags = without_stray_tags(region, syntax)
    boxes, issues = place_all(region.boxes, image, scale=syntax.box_scale) if region.boxes is not None else ((), ())
    if had_tags:
        issues += (issue(IssueCode.UNREAD_MARKUP, "Marks of a region without a box were taken out of the text."),)
    label = known_label(region.label, syntax.labels)
    content = region.content
    # An unknown label that is not even spelled like one is the text of its region, as in answers to a prompt for lines
    if label is None and region.label and not content.strip() and not is_label_shaped(region.label):
        content = region.label
    parsed = blocks_of_region(label, content)
    named = {"boxes": boxes, "source_label": region.label or None}
    return ParsedAnswer(tuple(block.model_copy(update=named) for block in parsed.blocks), (*parsed.issues, *issues))


def _move_rows_from_captions(regions: list[Region], labels: Mapping[str, BlockLabel]) -> list[Region]:
    """Give an empty `table` the rows that the model wrote under the caption after it, and put it after the caption."""
    result: list[Region] = []
    for region in regions:
        table = result[-1] if result else None
        is_caption = known_label(region.label, labels) is BlockLabel.CAPTION
        start = _start_of_rows(region.content) if is_caption else None
        if start is None or table is None or not _is_empty_table(table, labels):
            result.append(region)
            continue
        caption = Region(region.label, region.boxes, region.content[:start])
        result[-1:] = [caption, Region(table.label, table.boxes, region.content[start:])]
    return result


def _is_empty_table(region: Region, labels: Mapping[str, BlockLabel]) -> bool:
    return known_label(region.label, labels) is BlockLabel.TABLE and not region.content.strip()


def _start_of_rows(content: str) -> int | None:
    match = _TABLE_START.search(content)
    if match is not None:
        return match.start()
    position = 0
    for line in content.splitlines(keepends=True):
        if is_row(line):
            return position
        position += len(line)
    return None


def _report_half_header(label: str, labels: Mapping[str, BlockLabel]) -> ParsedAnswer:
    """Parse a header that the answer broke off in. A word that begins no label is text that was to come."""
    said = issue(IssueCode.TRUNCATED, f"The answer breaks off inside a region header: {excerpt(label) or 'no label'}.")
    if any(name.startswith(normalize_label(label)) for name in labels):
        return ParsedAnswer((), (said,))
    return ParsedAnswer((Block(label=BlockLabel.TEXT, text=label),), (said,))
