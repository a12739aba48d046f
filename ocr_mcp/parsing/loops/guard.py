"""Answers that go round in circles, found while they grow."""

from dataclasses import dataclass

from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.model.predictions import StopReason
from ocr_mcp.parsing.loops.likely_loops import LikelyLoops
from ocr_mcp.parsing.loops.periods import period_at_end, second_unit

_STEP = 16  # characters between two looks at the end: what a look costs is shared by so many


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
        if self._likely.is_endless:
            self._proven = Loop(is_proven=True, clean_length=self._likely.since or 0)
        return self._likely.is_endless
