"""Words with their places on a page, which lie invisibly under the page of a searchable PDF."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from ocr_mcp.model.turning import Turn


class PlacedWord(NamedTuple):
    """A word and the box that it fills, in page units of the displayed page.

    `text` is in visual order, which is left to right for Arabic as well. It ends with a space if one follows the word;
    that space lies outside the box. A word with the turn `Turn.RIGHT` runs from top to bottom.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    turn: Turn = Turn.NONE


def encode_words(number: int, words: Sequence[PlacedWord]) -> bytes:
    """Encode the words of a page as one line of JSON: `[number, [[text, left, top, right, bottom, turn], …]]`.

    `number` is the 1-based page number, and `turn` is in degrees. Edges are rounded to two decimals.
    """
    rows = [[word.text, *(round(edge, 2) for edge in word[1:5]), int(word.turn)] for word in words]
    return json.dumps([number, rows], separators=(",", ":")).encode("ascii") + b"\n"
