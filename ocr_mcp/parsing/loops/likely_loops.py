"""Detects loops that never repeat exactly: counters, marching boxes, changing digits, whole paragraphs.

Real pages do this a little, too: tables of numbers, forms, dummy text. A loop differs from them in that its numbers
count, that its words return more often than a page has room for, or that it is longer than a page.
"""

from collections import Counter
from dataclasses import dataclass

from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.parsing.loops.counters import has_more_words, is_counting
from ocr_mcp.parsing.loops.masked_text import MASK, MaskedText
from ocr_mcp.parsing.loops.periods import repetition_at_end

_UNLIKE_CHARACTERS = "".join(map(chr, range(0xE000, 0xF900)))
"""The 6,400 private-use characters of Unicode: answers do not contain them, and no two are alike."""


@dataclass(frozen=True, slots=True)
class _Repetition:
    """The masked text ends in its last `unit` characters repeated `times` times.

    `second` is the masked position at which the second repetition begins.
    """

    unit: int
    times: int
    second: int


class LikelyLoops:
    """Finds growing texts in which little but numbers changes, or in which long passages return.

    `seen` becomes True once the text is suspected of a loop, and stays so. `is_endless` is proof: the text has counted
    for longer than a page has room.
    """

    def __init__(self, limits: LoopThresholds) -> None:
        self._limits = limits
        self._masked = MaskedText(max(limits.window, limits.max_long_unit * limits.long_repeats))
        self._unseen = ""
        self._run: int | None = None  # masked position
        self._run_index = 0  # the same place in the raw text
        self._counts_since: int | None = None  # masked position
        self.seen = False
        self.is_endless = False

    @property
    def since(self) -> int | None:
        """Index in the raw text from which on it repeats itself up to its present end; None if it does not."""
        return None if self._run is None else self._run_index

    def add(self, piece: str) -> None:
        """Append the next characters, and look for a loop every `window_step` characters."""
        self._unseen += piece
        if len(self._unseen) >= self._limits.window_step:
            self._masked.add(self._unseen)
            self._unseen = ""
            self._look()

    def skip(self, count: int) -> None:
        """Count `count` characters without drawing conclusions from them: unlike characters take their places."""
        # The place in the text chooses the characters, so that calls that follow each other add different ones.
        start = (self._masked.raw_length + len(self._unseen)) % (len(_UNLIKE_CHARACTERS) - count)
        self.add(_UNLIKE_CHARACTERS[start : start + count])

    def _look(self) -> None:
        """Update `since`, `seen` and `is_endless` from the present end of the text."""
        found = self._repetition_at_end()
        begins = found.second if found else self._find_return()
        if begins is None:
            self._run = self._counts_since = None
            return
        if self._run is None:
            self._run, self._run_index = begins, self._masked.raw_index(begins)
        self._note_counting(found)
        too_long = self._masked.end - self._run >= self._limits.page_characters
        self.seen = self.seen or too_long or self._counts_since is not None or self._returns_too_often(found)

    def _note_counting(self, found: _Repetition | None) -> None:
        """Remember since when the text counts; for `page_characters` without a break that is proof."""
        if found is None or not self._counts(found):
            self._counts_since = None
            return
        if self._counts_since is None:
            self._counts_since = found.second
        self.is_endless = self._masked.end - self._counts_since >= self._limits.page_characters

    def _repetition_at_end(self) -> _Repetition | None:
        """Return the shortest repetition at the end of the masked text, None without one."""
        masked = self._masked
        found = repetition_at_end(masked.text, self._limits)
        if found is None:
            return None
        unit, second = found
        times = (len(masked.text) - second) // unit + 1
        return _Repetition(unit, times, masked.begin + second)

    def _counts(self, found: _Repetition) -> bool:
        """Return True if the numbers of a long enough repetition count."""
        limits, masked = self._limits, self._masked
        if found.times < limits.counter_repeats or masked.end - found.second < limits.window:
            return False
        columns = masked.text[-found.unit :].count(MASK)
        numbers = masked.numbers(found.second)
        # Numbers before the first whole repetition are left out, so that each column holds one place of the unit.
        return columns > 0 and is_counting(numbers[len(numbers) % columns :], columns)

    def _returns_too_often(self, found: _Repetition | None) -> bool:
        """Return True if the same words come back again and again, whatever their numbers are."""
        if found is None:
            return False
        limits, unit = self._limits, self._masked.text[-found.unit :]
        enough = max(limits.words_characters, min(limits.words_repeats * found.unit, limits.page_characters))
        numbers = self._masked.numbers(self._masked.end - found.unit)
        return found.times * found.unit >= enough and has_more_words(unit, numbers)

    def _find_return(self) -> int | None:
        """Return the masked position at which the last window begins to return; None if enough of it is different."""
        limits, window = self._limits, self._masked.text[-self._limits.window :]
        if len(window) < limits.window:
            return None
        grams = [window[at : at + limits.gram] for at in range(limits.window - limits.gram + 1)]
        if len(set(grams)) >= limits.distinct_share * len(grams):
            return None
        return self._masked.end - limits.window + _first_return(grams)


def _first_return(grams: list[str]) -> int:
    """Return the index of the second occurrence of the first gram that occurs three times or more."""
    counts = Counter(grams)
    first = next((at for at, gram in enumerate(grams) if counts[gram] > 2), 0)
    return next((at for at in range(first + 1, len(grams)) if grams[at] == grams[first]), first)
