"""Words and where they stand on a page: what lies invisibly under the page of a searchable PDF."""

import json
from collections.abc import Sequence
from typing import NamedTuple


class PlacedWord(NamedTuple):
    """A word in the box that it fills, in page units, as the page is displayed.

    `text` is in visual order, from left to right also where it is Arabic, and ends with a space where one follows: the
    space lies outside of the box. `is_turned`: it runs from top to bottom, the tops of its letters to the right.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    is_turned: bool = False


def encode_words(number: int, words: Sequence[PlacedWord]) -> bytes:
    """A page's words as a line of JSON, `[number, [[text, left, top, right, bottom, is_turned], …]]`."""
    rows = [[word.text, *(round(edge, 2) for edge in word[1:5]), word.is_turned] for word in words]
    return json.dumps([number, rows], separators=(",", ":")).encode("ascii") + b"\n"
