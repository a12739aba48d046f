"""What a paragraph is, by its words, its type and what follows it: a heading, a list item, a caption or text."""

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
"""Sizes of headings, in those of the body: the geometric mean of line height and character width. Detected boxes vary
by a fifth on text of one size, and a superscript makes a line higher but not wider, so neither alone will do."""

MIN_HEADING_DIMENSION_RATIO = 1.1
"""What height and width must each be."""

MIN_HEADING_HEIGHT_RATIO = 0.8
"""Of the body's height: bold type that is smaller is a label in a figure."""

MAX_HEADING_CHARACTERS = 160
MAX_HEADING_LINES = 3

MAX_HEADING_GAP_LINE_HEIGHTS = 4.0
"""Line heights from a heading of the body's size to what it heads."""

CAPTION_START = re.compile(
    r"(?i:fig(?:ure|\.)?|tab(?:le|\.|elle)?|abb(?:ildung|\.)|chart|scheme|plate|exhibit)"
    r"(?:\s{0,2}\d{1,3}|\s{1,2}(?:[A-Z]|[IVX]{1,5})\b)(?:[.\-–]\d{1,3})*\s*(?:[.:|–—]|$|(?=\s[A-Z]))"
)
"""How the caption of a figure or table begins; a sentence about one goes on with a small letter."""

LabelAndLevel = tuple[BlockLabel, int | None]


@dataclass(frozen=True)
class BodyType:
    """The type of a page's body: line height and character width in pixels, stroke weight if it was measured.

    `largest` is the largest line height of a paragraph with words.
    """

    height: float
    character_width: float
    weight: float | None
    max_height: float


def measure_body_weight(lines: Sequence[PageLine]) -> float | None:
    """The stroke weight of the body, every character counting once; None where it was not measured."""
    weights = [line.weight for line in lines if line.weight is not None for _ in range(max(1, len(line.text)))]
    return median(weights) if weights else None


def measure_body_type(lines: Sequence[PageLine], parts: Sequence[Paragraph | Grid]) -> BodyType:
    """The type of the page that these lines and parts make."""
    written = [part.height for part in parts if isinstance(part, Paragraph) and _has_words(part.text)]
    return BodyType(
        measure_body_height(lines),
        measure_body_character_width(lines),
        measure_body_weight(lines),
        max(written, default=0.0),
    )


def label_paragraph(part: Paragraph, following: Paragraph | Grid | None, body: BodyType) -> LabelAndLevel:
    """What a paragraph is, and the level of a heading. `following` is what is read after it."""
    ratio = _measure_size_ratio(part, body)
    if CAPTION_START.match(part.text):
        return BlockLabel.CAPTION, None
    if ratio >= MIN_HEADING_SIZE_RATIO and _may_be_heading(part):
        is_title = ratio >= MIN_TITLE_SIZE_RATIO and part.height >= 0.95 * body.max_height
        return (BlockLabel.TITLE, 1) if is_title else (BlockLabel.SECTION_HEADER, 2)
    if _stands_out(part, body) and _may_be_heading(part) and _stands_over(part, following, body):
        return BlockLabel.SECTION_HEADER, 2
    return (BlockLabel.LIST_ITEM if LIST_MARKER.match(part.text) else BlockLabel.TEXT), None


def _measure_size_ratio(part: Paragraph, body: BodyType) -> float:
    higher, wider = part.height / body.height, part.character_width / body.character_width
    return sqrt(higher * wider) if min(higher, wider) >= MIN_HEADING_DIMENSION_RATIO else 1.0


def _may_be_heading(part: Paragraph) -> bool:
    """Whether a text may be a heading: short, of words, and no item of a list but a numbered one."""
    is_short = len(part.text) <= MAX_HEADING_CHARACTERS and len(part.lines) <= MAX_HEADING_LINES
    marker = LIST_MARKER.match(part.text)
    return is_short and _has_words(part.text) and (marker is None or part.text[0].isdigit())


def _stands_out(part: Paragraph, body: BodyType) -> bool:
    """Whether a text of the body's size is bold, or numbered as sections are, and no sentence."""
    if part.text.endswith((".", ",", ";", ":")) or part.height < MIN_HEADING_HEIGHT_RATIO * body.height:
        return False
    is_bold = bool(body.weight and part.weight and part.weight >= MIN_BOLD_WEIGHT_RATIO * body.weight)
    return is_bold or (NUMBERED_HEADING.match(part.text) is not None and len(part.lines) == 1)


def _stands_over(part: Paragraph, following: Paragraph | Grid | None, body: BodyType) -> bool:
    """Whether something stands right under it."""
    if following is None:
        return False
    above, below = part.lines[-1].box, following.lines[0].box
    beside = min(above.right, below.right) - max(above.left, below.left) > 0
    return beside and -body.height < below.top - above.bottom < MAX_HEADING_GAP_LINE_HEIGHTS * body.height


def _has_words(text: str) -> bool:
    return sum(character.isalpha() for character in text) >= max(3, len(text) / 2)
