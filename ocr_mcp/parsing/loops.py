"""Answers that go round in circles, found while they grow."""

import re
from collections import Counter
from dataclasses import dataclass

from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.model.predictions import StopReason
from ocr_mcp.parsing.periods import long_unit_at_end, period_at_end, second_unit

_STEP = 16  # characters between two looks at the end: what a look costs is shared by so many
_DIGIT = re.compile(r"\d")
_UNLIKE = "".join(map(chr, range(0xE000, 0xF900)))  # private characters: in no text, and no two alike


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop in an answer whose first `clean_length` characters do not repeat.

    What is not proven is suspected: long tables of numbers look like it.
    """

    is_proven: bool
    clean_length: int


class _Tail:
    """The last `size` characters of a text, or a few more. `begin` is the index of the first of them in it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.text = ""
        self.begin = 0

    def add(self, piece: str) -> None:
        self.text += piece
        surplus = len(self.text) - self._size
        if surplus > self._size // 2:
            self.text = self.text[surplus:]
            self.begin += surplus


class ExactLoops:
    """Finds proof: the same characters again and again at the end of a growing text.

    `at` is where it begins to repeat itself, None without proof. `is_tolerated` says that the text repeats itself now,
    but no more than real pages do.
    """

    def __init__(self, limits: LoopThresholds) -> None:
        self._limits = limits
        longest = max(limits.max_unit * limits.repeats, limits.empty_cell_characters, limits.filler_characters)
        self._tail = _Tail(longest + limits.max_unit)
        self.at: int | None = None
        self.is_tolerated = False

    def add(self, piece: str) -> None:
        """Take the next characters, and look."""
        self._tail.add(piece)
        found = period_at_end(self._tail.text, self._limits)
        self.is_tolerated = found is not None and not found.is_proof
        if found is not None and found.is_proof:
            self.at = self._tail.begin + second_unit(self._tail.text, found.unit)


class LikelyLoops:
    """Finds texts in which little but numbers changes, or in which long passages return.

    `since` is where the text begins to repeat itself as it seems now, None where it does not; `seen` whether it ever
    seemed to.
    """

    def __init__(self, limits: LoopThresholds) -> None:
        self._limits = limits
        self._tail = _Tail(max(limits.window, limits.max_long_unit * limits.long_repeats))
        self._unseen = 0
        self.since: int | None = None
        self.seen = False

    def add(self, piece: str) -> None:
        """Take the next characters, and now and then look."""
        self._tail.add(_DIGIT.sub("#", piece))
        self._unseen += len(piece)
        if self._unseen >= self._limits.window_step:
            self._unseen = 0
            self._look()

    def skip(self, count: int) -> None:
        """Take characters from which nothing is to be concluded: others that repeat nothing stand for them."""
        start = (self._tail.begin + len(self._tail.text)) % (len(_UNLIKE) - count)
        self.add(_UNLIKE[start : start + count])

    def _look(self) -> None:
        at = self._few_grams()
        at = self._long_unit() if at is None else at
        self.since = at if at is None or self.since is None else self.since
        self.seen = self.seen or at is not None

    def _few_grams(self) -> int | None:
        limits, window = self._limits, self._tail.text[-self._limits.window :]
        if len(window) < limits.window:
            return None
        grams = [window[at : at + limits.gram] for at in range(limits.window - limits.gram + 1)]
        if len(set(grams)) >= limits.distinct_share * len(grams):
            return None
        return self._tail.begin + len(self._tail.text) - limits.window + _first_return(grams)

    def _long_unit(self) -> int | None:
        text = self._tail.text
        unit = long_unit_at_end(text, self._limits)
        return None if unit is None else self._tail.begin + second_unit(text, unit)


def _first_return(grams: list[str]) -> int:
    """Where the first gram that comes three times comes back."""
    counts = Counter(grams)
    first = next((at for at, gram in enumerate(grams) if counts[gram] > 2), 0)
    return next((at for at in range(first + 1, len(grams)) if grams[at] == grams[first]), first)


class LoopGuard:
    """Watches one answer: ends it at a proven loop, and remembers one that it suspects."""

    def __init__(self, limits: LoopThresholds) -> None:
        self._exact = ExactLoops(limits)
        self._likely = LikelyLoops(limits)
        self._proven: Loop | None = None
        self._rest = ""
        self._length = 0

    def __call__(self, piece: str, /) -> StopReason | None:
        """Look at the next piece, of any length; `StopReason.LOOP` once a loop is proven."""
        self._length += len(piece)
        text = self._rest + piece
        whole = len(text) - len(text) % _STEP
        self._rest = text[whole:]
        proven = any(self._look(text[at : at + _STEP]) for at in range(0, whole, _STEP))
        return StopReason.LOOP if proven else None

    @property
    def loop(self) -> Loop | None:
        """What was found so far. A suspected loop that the answer left again has no end to cut off."""
        if self._proven is not None or not self._likely.seen:
            return self._proven
        since = self._likely.since
        return Loop(is_proven=False, clean_length=self._length if since is None else since)

    def _look(self, piece: str) -> bool:
        self._exact.add(piece)
        if self._exact.at is not None:
            self._proven = Loop(is_proven=True, clean_length=self._exact.at)
            return True
        if self._exact.is_tolerated:
            self._likely.skip(len(piece))
        else:
            self._likely.add(piece)
        return False
