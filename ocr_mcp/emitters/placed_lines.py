"""Places the words of lines in their boxes, and breaks texts without known lines into lines that fill their box."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import sqrt

from ocr_mcp.emitters.letter_widths import is_wide, width_in_em
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.placed_words import PlacedWord
from ocr_mcp.model.turning import Turn

LEADING_EM = 1.25
"""Distance from line to line, as a multiple of the type size."""

SPACE_EM = 0.278
"""Width of a space, as a multiple of the type size (Helvetica)."""

_MAX_LINE_COUNT_TRIALS = 400
"""Numbers of lines that are tried for a text, one after the other, before the last one is taken as it is."""

_WIDE_CHARACTER = r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]"
_PIECE = re.compile(rf"(\s*)({_WIDE_CHARACTER}|[^\s]+?(?=\s|{_WIDE_CHARACTER}|\Z))")
_WORD = re.compile(rf"(\s*)({_WIDE_CHARACTER}+|[^\s]+?(?=\s|{_WIDE_CHARACTER}|\Z))")

SetLine = tuple[str, BoundingBox]
"""The text of a line, and the box that it fills, in page units."""

SpacedWord = tuple[str, bool]
"""A word, and True if a space follows it."""


def place_line(text: str, box: BoundingBox) -> Iterator[PlacedWord]:
    """Yield the words of a line from left to right, each in its part of the box by its estimated width.

    A box more than twice as high as wide holds a line that is turned, or a column of Chinese, Japanese or Korean.
    """
    words = _order_visually(_split_words(text))
    if not words or box.area <= 0:
        return
    is_turned = box.height > 2 * box.width and len(text) > 2
    if is_turned and all(map(is_wide, "".join(text.split()))):
        yield from _place_column(text, box)
        return
    length = box.height if is_turned else box.width
    unit = length / max(sum(width_in_em(word) + SPACE_EM * spaced for word, spaced in words), 1e-6)
    start = 0.0
    for word, spaced in words:
        end = start + width_in_em(word) * unit
        yield _place_word(word + " " * spaced, box, (start, end), is_turned=is_turned)
        start = end + SPACE_EM * unit * spaced


def set_lines(text: str, box: BoundingBox) -> list[SetLine]:
    """Break a text into lines that fill a box, in the largest type size that fits. Its own line breaks are kept."""
    if not text.strip() or box.area <= 0:
        return []
    rows = _wrap_text(text, box)
    pitch = box.height / len(rows)
    size = pitch / LEADING_EM
    lines: list[SetLine] = []
    for index, (row, is_last) in enumerate(rows):
        width = min(box.width, width_in_em(row) * size) if is_last and len(rows) > 1 else box.width
        top = box.top + index * pitch + (pitch - size) / 2
        line_box = BoundingBox(left=box.left, top=top, right=box.left + width, bottom=top + size)
        lines.append((row, _align_right(line_box, box) if _is_right_to_left(text) else line_box))
    return lines


def _align_right(line: BoundingBox, box: BoundingBox) -> BoundingBox:
    return line.model_copy(update={"left": box.right - line.width, "right": box.right})


def _wrap_text(text: str, box: BoundingBox) -> list[tuple[str, bool]]:
    """Return the texts of the lines, each with True if it is the last of its paragraph.

    The number of lines starts from an estimate by area and grows until the text fits.
    """
    runs = [run for run in text.splitlines() if run.strip()]
    total = sum(map(width_in_em, runs))
    least = max(len(runs), int(sqrt(total * box.height / (LEADING_EM * box.width))), 1)
    rows: list[tuple[str, bool]] = []
    for count in range(least, least + _MAX_LINE_COUNT_TRIALS):
        size = box.height / count / LEADING_EM
        rows = [row for run in runs for row in _wrap_paragraph(run, box.width / size)]
        if len(rows) <= count:
            break
    return rows


def _wrap_paragraph(run: str, width: float) -> Iterator[tuple[str, bool]]:
    row = ""
    for match in _PIECE.finditer(run.strip()):
        longer = row + (" " if match[1] else "") + match[2]
        if row and width_in_em(longer) > width:
            yield row, False
            row = match[2]
        else:
            row = longer
    yield row, True


def _split_words(text: str) -> list[SpacedWord]:
    """Split a line at spaces, and where Chinese, Japanese or Korean begins or ends: there no space follows a word."""
    found = [(match[1], match[2]) for match in _WORD.finditer(text.strip())]
    following = [bool(space) for space, _ in found[1:]] + [False]
    return [(word, spaced) for (_, word), spaced in zip(found, following, strict=True)]


def _order_visually(words: Sequence[SpacedWord]) -> list[SpacedWord]:
    """Put the words of a line in the order from left to right in which PDF draws them.

    This covers lines of one direction with words of the other in them, not all of UAX 9 (Unicode's bidirectional
    algorithm).
    """
    if not any(_is_right_to_left(word) for word, _ in words):
        return list(words)
    spaced = any(space for _, space in words)
    reversed_line = _is_right_to_left("".join(word for word, _ in words))
    ordered: list[str] = []
    for is_rtl, run in groupby((word for word, _ in words), key=_is_right_to_left):
        part = [_mirror_word(word) if is_rtl else word for word in run]
        ordered = [*part[::-1], *ordered] if is_rtl and reversed_line else ordered
        ordered = [*part, *ordered] if reversed_line and not is_rtl else ordered
        ordered += [] if reversed_line else part[::-1] if is_rtl else part
    return [(word, spaced and index < len(ordered) - 1) for index, word in enumerate(ordered)]


def _is_right_to_left(text: str) -> bool:
    """Return True if the first letter of a text is written from right to left, as in Arabic and Hebrew."""
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((kind != "L" for kind in kinds if kind in {"L", "R", "AL"}), False)


def _mirror_word(word: str) -> str:
    """Reverse the characters of a word; combining marks stay behind their letters, and numbers are not reversed."""
    clusters = re.findall(r"\d+(?:[.,:/]\d+)*|.[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]*", word, re.DOTALL)
    return "".join(clusters[::-1])


def _place_column(text: str, box: BoundingBox) -> Iterator[PlacedWord]:
    """Place characters below each other, each in an equal part of the box."""
    characters = "".join(text.split())
    step = box.height / len(characters)
    for index, character in enumerate(characters):
        top = box.top + index * step
        yield PlacedWord(character, box.left, top, box.right, top + step)


def _place_word(text: str, box: BoundingBox, span: tuple[float, float], *, is_turned: bool) -> PlacedWord:
    start, end = span
    if is_turned:
        return PlacedWord(text, box.left, box.top + start, box.right, box.top + end, Turn.RIGHT)
    return PlacedWord(text, box.left + start, box.top, box.left + end, box.bottom)
