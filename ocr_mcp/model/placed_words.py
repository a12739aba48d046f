"""Words and where they stand on a page: what lies invisibly under the page of a searchable PDF."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from ocr_mcp.model.turning import Turn


class PlacedWord(NamedTuple):
    """A word in the box that it fills, in page units, as the page is displayed.

    `text` is in visual order, from left to right also where it is Arabic, and ends with a space where one follows: the
    space lies outside of the box. `turn` is how it is turned: by `Turn.RIGHT` it runs from top to bottom.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    turn: Turn = Turn.NONE


def encode_words(number: int, words: Sequence[PlacedWord]) -> bytes:
    """A page's words as a line of JSON, `[number, [[text, left, top, right, bottom, turn], …]]`, turned in degrees."""
    rows = [[word.text, *(round(edge, 2) for edge in word[1:5]), int(word.turn)] for word in words]
    return json.dumps([number, rows], separators=(",", ":")).encode("ascii") + b"\n"
