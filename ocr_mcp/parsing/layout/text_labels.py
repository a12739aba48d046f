"""Label paragraphs as headings, list items, captions or text, by their words, their type and the part after them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.parsing.layout.grids import Grid
from ocr_mcp.parsing.layout.page_lines import PageLine, measure_body_height
from ocr_mcp.parsing.layout.paragraphs import (
    MIN_BOLD_WEIGHT_RATIO,
    NUMBERED_HEADING,
    Paragraph,
    measure_body_character_width,
)
from ocr_mcp.parsing.vlm.light_markdown import LIST_MARKER

MIN_TITLE_SIZE_RATIO = 1.7
MIN_HEADING_SIZE_RATIO = 1.3
"""Sizes of headings as multiples of the body's: the geometric mean of the ratios of line height and character width.
Detected boxes vary by a fifth on text of one size, and a superscript makes a line higher but not wider, so neither
ratio alone will do."""

MIN_HEADING_DIMENSION_RATIO = 1.1
"""Ratio to the body's that line height and character width must each reach."""

MIN_HEADING_HEIGHT_RATIO = 0.8
"""Ratio to the body's line height under which bold type is no heading but a label in a figure."""

MAX_HEADING_CHARACTERS = 160
MAX_HEADING_LINES = 3

MAX_HEADING_GAP_LINE_HEIGHTS = 4.0
"""Largest distance from a heading in the body's size to the part that it heads, in line heights of the body."""

CAPTION_START = re.compile(
    r"(?i:fig(?:ure|\.)?|tab(?:le|\.|elle)?|abb(?:ildung|\.)|chart|scheme|plate|exhibit)"
    r"(?:\s{0,2}\d{1,3}|\s{1,2}(?:[A-Z]|[IVX]{1,5})\b)(?:[.\-–]\d{1,3})*\s*(?:[.:|–—]|$|(?=\s[A-Z]))"
)
"""The beginning of a caption of a figure or table. A sentence about one goes on with a small letter."""

LabelAndLevel = tuple[BlockLabel, int | None]
"""A label, and the level of a heading (1 or 2); None for all else."""


@dataclass(frozen=True)
class BodyType:
    """The type that the body of a page is set in.

    `height` is the line height and `character_width` the width of a character cell, both in pixels; `weight` is the
    stroke weight as a part of the line height, None if it was not measured. `max_height` is the largest line height in
    pixels of a paragraph with words, 0 without one.
    """

    height: float
    character_width: float
    weight: float | None
    max_height: float


def measure_body_weight(lines: Sequence[PageLine]) -> float | None:
    """Return the median stroke weight of lines, each counted once per character; None where none was measured."""
    weights = [line.weight for line in lines if line.weight is not None for _ in range(max(1, len(line.text)))]
    return median(weights) if weights else None


def measure_body_type(lines: Sequence[PageLine], parts: Sequence[Paragraph | Grid]) -> BodyType:
    """Measure the type of the body of a page that has these lines and parts."""
    written = [part.height for part in parts if isinstance(part, Paragraph) and _has_words(part.text)]
    return BodyType(
        measure_body_height(lines),
        measure_body_character_width(lines),
        measure_body_weight(lines),
        max(written, default=0.0),
    )


def label_paragraph(part: Paragraph, following: Paragraph | Grid | None, body: BodyType) -> LabelAndLevel:
    """Return the label of a paragraph and the level of a heading. `following` is the part that is read after it."""
    ratio = _measure_size_ratio(part, body)
    if CAPTION_START.match(part.text):
        return BlockLabel.CAPTION, None
    if ratio >= MIN_HEADING_SIZE_RATIO and _may_be_heading(part):
        # The title is in the largest type of its page; 5 % make up for boxes that differ in height.
        is_title = ratio >= MIN_TITLE_SIZE_RATIO and part.height >= 0.95 * body.max_height
        return (BlockLabel.TITLE, 1) if is_title else (BlockLabel.SECTION_HEADER, 2)
    if _stands_out(part, body) and _may_be_heading(part) and _stands_over(part, following, body):
        return BlockLabel.SECTION_HEADER, 2
    return (BlockLabel.LIST_ITEM if LIST_MARKER.match(part.text) else BlockLabel.TEXT), None


def _measure_size_ratio(part: Paragraph, body: BodyType) -> float:
    """Return the size of a paragraph's type as a multiple of the body's; 1 where it is not both higher and wider."""
    higher, wider = part.height / body.height, part.character_width / body.character_width
    return sqrt(higher * wider) if min(higher, wider) >= MIN_HEADING_DIMENSION_RATIO else 1.0


def _may_be_heading(part: Paragraph) -> bool:
    """Tell whether a text is short, has words and is no list item, so that it may be a heading.

    A heading may begin with a number, so a numbered item counts as one.
    """
    is_short = len(part.text) <= MAX_HEADING_CHARACTERS and len(part.lines) <= MAX_HEADING_LINES
    marker = LIST_MARKER.match(part.text)
    return is_short and _has_words(part.text) and (marker is None or part.text[0].isdigit())


def _stands_out(part: Paragraph, body: BodyType) -> bool:
    """Tell whether a text of the body's size is bold or numbered as sections are.

    A text that ends as a sentence or a list does, or that is smaller than the body, does not stand out.
    """
    if part.text.endswith((".", ",", ";", ":")) or part.height < MIN_HEADING_HEIGHT_RATIO * body.height:
        return False
    is_bold = bool(body.weight and part.weight and part.weight >= MIN_BOLD_WEIGHT_RATIO * body.weight)
    return is_bold or (NUMBERED_HEADING.match(part.text) is not None and len(part.lines) == 1)


def _stands_over(part: Paragraph, following: Paragraph | Grid | None, body: BodyType) -> bool:
    """Tell whether the following part stands right under a paragraph and overlaps it sideways."""
    if following is None:
        return False
    above, below = part.lines[-1].box, following.lines[0].box
    beside = min(above.right, below.right) - max(above.left, below.left) > 0
    # The distance may be negative because the boxes of neighbouring lines overlap.
    return beside and -body.height < below.top - above.bottom < MAX_HEADING_GAP_LINE_HEIGHTS * body.height


def _has_words(text: str) -> bool:
    """Tell whether at least half of a text, and at least 3 characters, are letters."""
    return sum(character.isalpha() for character in text) >= max(3, len(text) / 2)
