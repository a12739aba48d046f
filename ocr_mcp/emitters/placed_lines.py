"""Lines of text in their boxes, word by word; and texts without lines, set in their box as a typesetter might have."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import sqrt

from ocr_mcp.emitters.letter_widths import is_wide, width_in_em
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.placed_words import PlacedWord
from ocr_mcp.model.turning import Turn

LEADING = 1.25
"""From line to line, in the size of the type."""

SPACE = 0.278
"""The width of a space, in the size of the type."""

_MAX_ROWS = 400
_WIDE = r"[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]"
_PIECE = re.compile(rf"(\s*)({_WIDE}|[^\s]+?(?=\s|{_WIDE}|\Z))")
_WORD = re.compile(rf"(\s*)({_WIDE}+|[^\s]+?(?=\s|{_WIDE}|\Z))")

SetLine = tuple[str, BoundingBox]
Word = tuple[str, bool]
"""A word and whether a space follows it."""


def place_line(text: str, box: BoundingBox) -> Iterator[PlacedWord]:
    """The words of a line, each in its part of the box, from left to right. A high, narrow box holds a turned line."""
    words = _visual_order(_words(text))
    if not words or box.area <= 0:
        return
    is_turned = box.height > 2 * box.width and len(text) > 2
    if is_turned and all(map(is_wide, "".join(text.split()))):
        yield from _column(text, box)
        return
    length = box.height if is_turned else box.width
    unit = length / max(sum(width_in_em(word) + SPACE * spaced for word, spaced in words), 1e-6)
    start = 0.0
    for word, spaced in words:
        end = start + width_in_em(word) * unit
        yield _placed(word + " " * spaced, box, (start, end), is_turned=is_turned)
        start = end + SPACE * unit * spaced


def set_lines(text: str, box: BoundingBox) -> list[SetLine]:
    """A text broken to lines that fill a box, in the largest type that lets them. Its own line breaks are kept."""
    if not text.strip() or box.area <= 0:
        return []
    rows = _wrapped(text, box)
    pitch = box.height / len(rows)
    size = pitch / LEADING
    lines: list[SetLine] = []
    for index, (row, is_last) in enumerate(rows):
        width = min(box.width, width_in_em(row) * size) if is_last and len(rows) > 1 else box.width
        top = box.top + index * pitch + (pitch - size) / 2
        line_box = BoundingBox(left=box.left, top=top, right=box.left + width, bottom=top + size)
        lines.append((row, _right_aligned(line_box, box) if _is_right_to_left(text) else line_box))
    return lines


def _right_aligned(line: BoundingBox, box: BoundingBox) -> BoundingBox:
    return line.model_copy(update={"left": box.right - line.width, "right": box.right})


def _wrapped(text: str, box: BoundingBox) -> list[tuple[str, bool]]:
    """The rows, and whether each is the last of its paragraph."""
    runs = [run for run in text.splitlines() if run.strip()]
    total = sum(map(width_in_em, runs))
    least = max(len(runs), int(sqrt(total * box.height / (LEADING * box.width))), 1)
    rows: list[tuple[str, bool]] = []
    for count in range(least, least + _MAX_ROWS):
        size = box.height / count / LEADING
        rows = [row for run in runs for row in _rows(run, box.width / size)]
        if len(rows) <= count:
            break
    return rows


def _rows(run: str, width: float) -> Iterator[tuple[str, bool]]:
    row = ""
    for match in _PIECE.finditer(run.strip()):
        longer = row + (" " if match[1] else "") + match[2]
        if row and width_in_em(longer) > width:
            yield row, False
            row = match[2]
        else:
            row = longer
    yield row, True


def _words(text: str) -> list[Word]:
    """Parted at spaces, and where Chinese, Japanese or Korean begins or ends: a space tells which."""
    found = [(match[1], match[2]) for match in _WORD.finditer(text.strip())]
    following = [bool(space) for space, _ in found[1:]] + [False]
    return [(word, spaced) for (_, word), spaced in zip(found, following, strict=True)]


def _visual_order(words: Sequence[Word]) -> list[Word]:
    """From left to right, as PDF draws. For lines of one script with words of another in them, not all of UAX 9."""
    if not any(_is_right_to_left(word) for word, _ in words):
        return list(words)
    spaced = any(space for _, space in words)
    reversed_line = _is_right_to_left("".join(word for word, _ in words))
    ordered: list[str] = []
    for is_rtl, run in groupby((word for word, _ in words), key=_is_right_to_left):
        part = [_mirrored(word) if is_rtl else word for word in run]
        ordered = [*part[::-1], *ordered] if is_rtl and reversed_line else ordered
        ordered = [*part, *ordered] if reversed_line and not is_rtl else ordered
        ordered += [] if reversed_line else part[::-1] if is_rtl else part
    return [(word, spaced and index < len(ordered) - 1) for index, word in enumerate(ordered)]


def _is_right_to_left(text: str) -> bool:
    """Whether its first letter is Arabic, Hebrew or the like."""
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((kind != "L" for kind in kinds if kind in {"L", "R", "AL"}), False)


def _mirrored(word: str) -> str:
    """The characters from the last to the first, marks kept behind their letters, numbers as they are."""
    clusters = re.findall(r"\d+(?:[.,:/]\d+)*|.[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]*", word, re.DOTALL)
    return "".join(clusters[::-1])


def _column(text: str, box: BoundingBox) -> Iterator[PlacedWord]:
    """Characters under each other."""
    characters = "".join(text.split())
    step = box.height / len(characters)
    for index, character in enumerate(characters):
        top = box.top + index * step
        yield PlacedWord(character, box.left, top, box.right, top + step)


def _placed(text: str, box: BoundingBox, span: tuple[float, float], *, is_turned: bool) -> PlacedWord:
    start, end = span
    if is_turned:
        return PlacedWord(text, box.left, box.top + start, box.right, box.top + end, Turn.RIGHT)
    return PlacedWord(text, box.left + start, box.top, box.left + end, box.bottom)
