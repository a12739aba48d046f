"""Loops that never say exactly the same again: counters, marching boxes, changing digits, whole paragraphs.

Real pages do this too, a little: tables of numbers, forms, dummy text. What tells a loop from them is that its numbers
count, that its words return more often than a page has room for, or that it goes on and on.
"""

from collections import Counter
from dataclasses import dataclass

from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.parsing.loops.counters import has_more_words, is_counting
from ocr_mcp.parsing.loops.masked_text import MASK, MaskedText
from ocr_mcp.parsing.loops.periods import repetition_at_end

_UNLIKE = "".join(map(chr, range(0xE000, 0xF900)))  # private characters: in no text, and no two alike


@dataclass(frozen=True, slots=True)
class _Repetition:
    """The masked text ends in `times` times its last `unit` characters; the second of them begins at `second`."""

    unit: int
    times: int
    second: int


class LikelyLoops:
    """Finds texts in which little but numbers changes, or in which long passages return.

    `since` is where the text begins to repeat itself as it seems now, None where it does not. `seen` is whether it ever
    seemed to be a loop. `is_endless` is proof: it has counted for longer than a page has room.
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
        """See above; an index of the raw text."""
        return None if self._run is None else self._run_index

    def add(self, piece: str) -> None:
        """Take the next characters, and now and then look."""
        self._unseen += piece
        if len(self._unseen) >= self._limits.window_step:
            self._masked.add(self._unseen)
            self._unseen = ""
            self._look()

    def skip(self, count: int) -> None:
        """Take characters from which nothing is to be concluded: others that repeat nothing stand for them."""
        start = (self._masked.raw_length + len(self._unseen)) % (len(_UNLIKE) - count)
        self.add(_UNLIKE[start : start + count])

    def _look(self) -> None:
        found = self._repetition()
        begins = found.second if found else self._few_grams()
        if begins is None:
            self._run = self._counts_since = None
            return
        if self._run is None:
            self._run, self._run_index = begins, self._masked.raw_index(begins)
        self._note_counting(found)
        too_long = self._masked.end - self._run >= self._limits.page_characters
        self.seen = self.seen or too_long or self._counts_since is not None or self._returns_too_often(found)

    def _note_counting(self, found: _Repetition | None) -> None:
        if found is None or not self._counts(found):
            self._counts_since = None
            return
        if self._counts_since is None:
            self._counts_since = found.second
        self.is_endless = self._masked.end - self._counts_since >= self._limits.page_characters

    def _repetition(self) -> _Repetition | None:
        masked = self._masked
        found = repetition_at_end(masked.text, self._limits)
        if found is None:
            return None
        unit, second = found
        times = (len(masked.text) - second) // unit + 1
        return _Repetition(unit, times, masked.begin + second)

    def _counts(self, found: _Repetition) -> bool:
        limits, masked = self._limits, self._masked
        if found.times < limits.counter_repeats or masked.end - found.second < limits.window:
            return False
        columns = masked.text[-found.unit :].count(MASK)
        numbers = masked.numbers(found.second)
        return columns > 0 and is_counting(numbers[len(numbers) % columns :], columns)

    def _returns_too_often(self, found: _Repetition | None) -> bool:
        """Whether the same words stand there again and again, whatever their numbers are."""
        if found is None:
            return False
        limits, unit = self._limits, self._masked.text[-found.unit :]
        enough = max(limits.words_characters, min(limits.words_repeats * found.unit, limits.page_characters))
        numbers = self._masked.numbers(self._masked.end - found.unit)
        return found.times * found.unit >= enough and has_more_words(unit, numbers)

    def _few_grams(self) -> int | None:
        limits, window = self._limits, self._masked.text[-self._limits.window :]
        if len(window) < limits.window:
            return None
        grams = [window[at : at + limits.gram] for at in range(limits.window - limits.gram + 1)]
        if len(set(grams)) >= limits.distinct_share * len(grams):
            return None
        return self._masked.end - limits.window + _first_return(grams)


def _first_return(grams: list[str]) -> int:
    """Where the first gram that comes three times comes back."""
    counts = Counter(grams)
    first = next((at for at, gram in enumerate(grams) if counts[gram] > 2), 0)
    return next((at for at in range(first + 1, len(grams)) if grams[at] == grams[first]), first)
