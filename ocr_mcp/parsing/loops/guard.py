"""Detects loops in an answer while it grows: proven ones end the answer, suspected ones are remembered."""

from dataclasses import dataclass

from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.model.predictions import StopReason
from ocr_mcp.parsing.loops.likely_loops import LikelyLoops
from ocr_mcp.parsing.loops.periods import period_at_end, second_unit

_STEP_CHARACTERS = 16
"""Characters between two looks at the end of the answer, which share the cost of a look."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop in an answer whose first `clean_length` characters do not repeat.

    A loop that is not proven is suspected only: long tables of numbers look alike.
    """

    is_proven: bool
    clean_length: int


class _Tail:
    """The last characters of a growing text: at least `size` of them, half as many more at most.

    `begin` is the index of the first kept character in the whole text.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.text = ""
        self.begin = 0

    def add(self, piece: str) -> None:
        self.text += piece
        surplus = len(self.text) - self._size
        if surplus > self._size // 2:  # cutting rarely makes adding cheap
            self.text = self.text[surplus:]
            self.begin += surplus


class ExactLoops:
    """Finds proof of a loop: a growing text that ends in the same characters again and again.

    `at` is the index at which the text begins to repeat itself, None without proof. `is_tolerated` says that the text
    repeats itself at its present end, but no more than real pages do.
    """

    def __init__(self, limits: LoopThresholds) -> None:
        self._limits = limits
        longest = max(limits.max_unit * limits.repeats, limits.empty_cell_characters, limits.filler_characters)
        self._tail = _Tail(longest + limits.max_unit)
        self.at: int | None = None
        self.is_tolerated = False

    def add(self, piece: str) -> None:
        """Append the next characters, and look for a loop at the end."""
        self._tail.add(piece)
        found = period_at_end(self._tail.text, self._limits)
        self.is_tolerated = found is not None and not found.is_proof
        if found is not None and found.is_proof:
            self.at = self._tail.begin + second_unit(self._tail.text, found.unit)


class LoopGuard:
    """Watches one answer: asks to stop it at a proven loop, and remembers a suspected one."""

    def __init__(self, limits: LoopThresholds) -> None:
        self._exact = ExactLoops(limits)
        self._likely = LikelyLoops(limits)
        self._proven: Loop | None = None
        self._rest = ""
        self._length = 0

    def __call__(self, piece: str, /) -> StopReason | None:
        """Take the next piece, of any length; return `StopReason.LOOP` once a loop is proven, else None."""
        self._length += len(piece)
        text = self._rest + piece
        whole = len(text) - len(text) % _STEP_CHARACTERS
        self._rest = text[whole:]
        proven = any(self._look(text[at : at + _STEP_CHARACTERS]) for at in range(0, whole, _STEP_CHARACTERS))
        return StopReason.LOOP if proven else None

    @property
    def loop(self) -> Loop | None:
        """Loop found so far, None without one. A suspected loop that the answer left again cuts nothing off."""
        if self._proven is not None or not self._likely.seen:
            return self._proven
        since = self._likely.since
        return Loop(is_proven=False, clean_length=self._length if since is None else since)

    def _look(self, piece: str) -> bool:
        """Add the next characters, and return True if they prove a loop."""
        self._exact.add(piece)
        if self._exact.at is not None:
            self._proven = Loop(is_proven=True, clean_length=self._exact.at)
            return True
        if self._exact.is_tolerated:
            # What real pages repeat, such as empty cells, must not raise a suspicion either.
            self._likely.skip(len(piece))
        else:
            self._likely.add(piece)
        if self._likely.is_endless:
            self._proven = Loop(is_proven=True, clean_length=self._likely.since or 0)
        return self._likely.is_endless
