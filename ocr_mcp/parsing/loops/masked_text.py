"""A growing text with its numbers taken out, so that what counts looks like what repeats."""

import re
from bisect import bisect_right

MASK = "\x00"
"""Stands for a number in the masked text."""

_SPECIAL = re.compile(r"\d{1,18}|<[^<>]{1,40}>|\x00")
_UNFINISHED = re.compile(r"(?:\d{1,17}|<[^<>]{0,39})\Z")
_CELLS = ("<td", "<th")


class MaskedText:
    """The last `size` masked characters of a growing text, or a few more.

    A number is one `MASK`, however long. Tags are left out, but for those that begin a cell, which are one `|`: how
    much a page says does not depend on its markup. Positions count masked characters from the beginning of the whole.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._held = ""
        self._taken = 0  # raw characters that are masked already
        self._numbers: list[tuple[int, str]] = []
        self._places: list[tuple[int, int]] = [(0, 0)]  # masked position and raw index, after each thing replaced
        self.text = ""
        self.begin = 0

    @property
    def end(self) -> int:
        """The position behind the last character."""
        return self.begin + len(self.text)

    @property
    def raw_length(self) -> int:
        """How many raw characters were added."""
        return self._taken + len(self._held)

    def add(self, piece: str) -> None:
        """Take the next raw characters. A number or tag that may go on is masked when it is whole."""
        text = self._held + piece
        unfinished = _UNFINISHED.search(text)
        whole = text if unfinished is None else text[: unfinished.start()]
        self._held = text[len(whole) :]
        at = 0
        for match in _SPECIAL.finditer(whole):
            self._append(whole[at : match.start()])
            self._replace(match[0])
            at = match.end()
        self._append(whole[at:])
        if len(self.text) > self._size + self._size // 2:
            self._forget(len(self.text) - self._size)

    def numbers(self, start: int) -> list[str]:
        """The digits of every number from a position on."""
        first = bisect_right(self._numbers, (start, ""))
        return [digits for _, digits in self._numbers[first:]]

    def raw_index(self, position: int) -> int:
        """Where in the raw text a position is that is still kept."""
        masked, raw = self._places[max(0, bisect_right(self._places, (position, self._taken)) - 1)]
        return raw + position - masked

    def _append(self, text: str) -> None:
        self.text += text
        self._taken += len(text)

    def _replace(self, found: str) -> None:
        if found[0] == "<":
            self.text += "|" if found.startswith(_CELLS) else ""
        elif found != MASK:
            self._numbers.append((self.end, found))
            self.text += MASK
        self._taken += len(found)
        self._places.append((self.end, self._taken))

    def _forget(self, count: int) -> None:
        self.begin += count
        self.text = self.text[count:]
        self._numbers = self._numbers[bisect_right(self._numbers, (self.begin, "")) :]
        self._places = self._places[max(0, bisect_right(self._places, (self.begin, self._taken)) - 1) :]
