"""Masks the numbers of a growing text, so that text which counts looks like text which repeats."""

import re
from bisect import bisect_right

MASK = "\x00"
"""Replaces each number in the masked text."""

_NUMBER_OR_TAG = re.compile(r"\d{1,18}|<[^<>]{1,40}>|\x00")
_UNFINISHED = re.compile(r"(?:\d{1,17}|<[^<>]{0,39})\Z")
_CELL_STARTS = ("<td", "<th")


class MaskedText:
    """The last characters of a growing text, masked: at least `size` of them, half as many more at most.

    A number of up to 18 digits becomes one `MASK`. Tags are left out, except those that begin a cell, which become one
    `|`: the amount of text on a page does not depend on its markup. Positions count the masked characters from the
    beginning of the whole text; `begin` is the position of the first one that is kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._held = ""
        self._taken = 0  # number of raw characters that are masked already
        self._numbers: list[tuple[int, str]] = []
        self._places: list[tuple[int, int]] = [(0, 0)]  # masked position and raw index behind each replacement
        self.text = ""
        self.begin = 0

    @property
    def end(self) -> int:
        """Position behind the last character."""
        return self.begin + len(self.text)

    @property
    def raw_length(self) -> int:
        """Number of raw characters that were added."""
        return self._taken + len(self._held)

    def add(self, piece: str) -> None:
        """Append the next raw characters. A number or tag that may go on is held back until it is complete."""
        text = self._held + piece
        unfinished = _UNFINISHED.search(text)
        whole = text if unfinished is None else text[: unfinished.start()]
        self._held = text[len(whole) :]
        at = 0
        for match in _NUMBER_OR_TAG.finditer(whole):
            self._append(whole[at : match.start()])
            self._replace(match[0])
            at = match.end()
        self._append(whole[at:])
        if len(self.text) > self._size + self._size // 2:
            self._forget(len(self.text) - self._size)

    def numbers(self, start: int) -> list[str]:
        """Return the digits of each number from a position on."""
        first = bisect_right(self._numbers, (start, ""))
        return [digits for _, digits in self._numbers[first:]]

    def raw_index(self, position: int) -> int:
        """Return the index in the raw text of a position that is still kept."""
        masked, raw = self._places[max(0, bisect_right(self._places, (position, self._taken)) - 1)]
        return raw + position - masked

    def _append(self, text: str) -> None:
        self.text += text
        self._taken += len(text)

    def _replace(self, found: str) -> None:
        if found[0] == "<":
            self.text += "|" if found.startswith(_CELL_STARTS) else ""
        elif found != MASK:  # a mask in the raw text is left out: each one in the masked text has its number
            self._numbers.append((self.end, found))
            self.text += MASK
        self._taken += len(found)
        self._places.append((self.end, self._taken))

    def _forget(self, count: int) -> None:
        self.begin += count
        self.text = self.text[count:]
        self._numbers = self._numbers[bisect_right(self._numbers, (self.begin, "")) :]
        self._places = self._places[max(0, bisect_right(self._places, (self.begin, self._taken)) - 1) :]
