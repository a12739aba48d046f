"""Finds where lines of one reading stand in the text of another, in whatever order the two read the page.

Each line looks for its place near where it stands on the page, then anywhere; what a line has taken no other can have.
So a passage that comes twice in one reading and once in the other is found out. A line that stands nowhere as a whole
is cut in two, as columns are that one engine reads as one line.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.comparison.folding import Folded, Range, fold

TAKEN = "\uffff"
"""Stands for a character that a line has taken. It is in no text."""

EXACT_CHARACTERS = 4
"""Fewer are found in other words by chance, and must be whole words."""

ALIKE = 75
"""Percent of the letters that two readings of one line share at least, where it is the same line."""

ALIKE_CHARACTERS = 8
HALVED_CHARACTERS = 16
SLACK = 4
"""Characters by which two readings of one line may be shifted against each other."""


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a line: `folded` characters `start` to before `end`; `order` is its place in the second reading."""

    folded: Folded
    box: BoundingBox
    order: tuple[int, int]
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its letters and digits."""
        return self.folded.text[self.start : self.end]

    @property
    def part_box(self) -> BoundingBox:
        """About where the part stands: letters are taken to be equally wide."""
        return part_of(self.box, self.start, self.end, len(self.folded.text))

    def until(self, end: int) -> "Line":
        """The same from the same beginning to another end."""
        return replace(self, end=end)

    def halves(self) -> tuple["Line", "Line"] | None:
        """The parts before and behind the space nearest its middle; None where there is none, or it is short."""
        if self.end - self.start < HALVED_CHARACTERS:
            return None
        middle = (self.start + self.end) // 2
        words = [at for at in range(self.start + 1, self.end) if self.folded.begins_word(at)]
        if not words:
            return None
        cut = min(words, key=lambda at: abs(at - middle))
        return replace(self, end=cut), replace(self, start=cut, order=(self.order[0], cut))


@dataclass(frozen=True, slots=True)
class Match:
    """A line, and the range of the text's letters and digits that it was found at."""

    line: Line
    at: Range


def part_of(box: BoundingBox, start: int, end: int, length: int) -> BoundingBox:
    """The part of a line's box from one character to before another."""
    if not length:
        return box
    step = box.width / length
    return BoundingBox(left=box.left + start * step, top=box.top, right=box.left + end * step, bottom=box.bottom)


def lines_of(texts: Iterable[tuple[str, BoundingBox]]) -> list[Line]:
    """The lines that have letters or digits, in their order."""
    folded = [(fold(text), box) for text, box in texts]
    return [Line(line, box, (at, 0), 0, len(line.text)) for at, (line, box) in enumerate(folded) if line.text]


class Matcher:
    """Gives each line its place in a text. `near` says which ranges of the text stand where a box is."""

    def __init__(self, text: Folded, near: Sequence[tuple[BoundingBox, Range]]) -> None:
        self._text = text
        self._near = near
        self._free = text.text
        self.matches: list[Match] = []
        self.unmatched: list[Line] = []
        self._first: dict[int, tuple[int, Range]] = {}  # by the number of a line: its first part that was found
        self._last: dict[int, tuple[int, Range]] = {}  # and the last

    def match(self, lines: Sequence[Line]) -> None:
        """Find what is distinctive first; then short lines beside their neighbours; then what is left, anywhere."""
        rest = self._search([line for line in lines if len(line.text) >= ALIKE_CHARACTERS])
        short = [line for line in lines if len(line.text) < ALIKE_CHARACTERS]
        # Cells of a table have the same few values: each has its place by its neighbours, not by what it says.
        short = self._each(short, self._behind_neighbour)
        short = self._each(short[::-1], self._before_neighbour)[::-1]
        short = self._each(short, self._enclosed)
        rest += self._each(short, self._exact)
        self.unmatched = self._each(sorted(rest, key=lambda line: line.order), self._gap)

    def free_ranges(self) -> Iterator[Range]:
        """What no line has taken."""
        at = 0
        for piece in self._free.split(TAKEN):
            if piece:
                yield at, at + len(piece)
            at += len(piece) + 1

    def _search(self, lines: Sequence[Line]) -> list[Line]:
        """Take lines that stand there exactly, the longest first; then what is alike; then what is so in part."""
        unmatched: list[Line] = []
        rest = self._each(sorted(lines, key=lambda line: line.start - line.end), self._exact)
        while rest:
            halves = [(line, line.halves()) for line in self._each(rest, self._alike)]
            unmatched += [line for line, parts in halves if parts is None]
            rest = self._each([part for _, parts in halves if parts is not None for part in parts], self._exact)
        return unmatched

    def _each(self, lines: Sequence[Line], find: Callable[[Line], Range | None]) -> list[Line]:
        """Take a place for each line that finds one; the others."""
        rest: list[Line] = []
        for line in lines:
            at = find(line)
            if at is None:
                rest.append(line)
            else:
                self._take(line, at)
        return rest

    def _take(self, line: Line, at: Range) -> None:
        self._free = self._free[: at[0]] + TAKEN * (at[1] - at[0]) + self._free[at[1] :]
        self.matches.append(Match(line, at))
        number, start = line.order
        self._first[number] = min(self._first.get(number, (start, at)), (start, at))
        self._last[number] = max(self._last.get(number, (start, at)), (start, at))

    def _regions(self, line: Line) -> list[Range]:
        x, y = (line.box.left + line.box.right) / 2, (line.box.top + line.box.bottom) / 2
        inside = [at for box, at in self._near if box.left <= x <= box.right and box.top <= y <= box.bottom]
        return [*inside, (0, len(self._free))]

    def _exact(self, line: Line) -> Range | None:
        for region in self._regions(line):
            places = list(self._places(line.text, region))
            if places:
                expected = self._expected(line)
                at = min(places, key=lambda place: abs(place - expected))
                return at, at + len(line.text)
        return None

    def _places(self, text: str, region: Range) -> Iterator[int]:
        at = self._free.find(text, *region)
        while at >= 0:
            if len(text) >= EXACT_CHARACTERS or self._is_word(at, at + len(text)):
                yield at
            at = self._free.find(text, at + 1, region[1])

    def _is_word(self, start: int, end: int) -> bool:
        return self._text.begins_word(start) and self._text.begins_word(end)

    def _expected(self, line: Line) -> int:
        """Behind the line that comes before it in its own reading."""
        before = self._before(line)
        return before[1] if before else 0

    def _before(self, line: Line) -> Range | None:
        """Where the part of a line was found that is the last one before this."""
        number, start = line.order
        for each in range(number, -1, -1):
            found = self._last.get(each)
            if found is not None and (each, found[0]) < (number, start):
                return found[1]
        return None

    def _after(self, line: Line) -> Range | None:
        """Where the part of a line was found that is the first one behind this."""
        number, start = line.order
        for each in range(number, max(self._first, default=-1) + 1):
            found = self._first.get(each)
            if found is not None and (each, found[0]) > (number, start):
                return found[1]
        return None

    def _behind_neighbour(self, line: Line) -> Range | None:
        """Right behind the line before, if it stands there exactly."""
        found = self._last.get(line.order[0] - 1)
        return None if found is None else self._there(line.text, found[1][1])

    def _before_neighbour(self, line: Line) -> Range | None:
        """Right before the line behind, if it stands there exactly."""
        found = self._first.get(line.order[0] + 1)
        return None if found is None else self._there(line.text, found[1][0] - len(line.text))

    def _there(self, text: str, at: int) -> Range | None:
        end = at + len(text)
        is_there = at >= 0 and self._free.startswith(text, at)
        return (at, end) if is_there and (len(text) >= EXACT_CHARACTERS or self._is_word(at, end)) else None

    def _enclosed(self, line: Line) -> Range | None:
        """All that stands between both its neighbours, if it may be this line."""
        before, behind = self._last.get(line.order[0] - 1), self._first.get(line.order[0] + 1)
        if before is None or behind is None:
            return None
        start, end = before[1][1], behind[1][0]
        text = self._free[start:end]
        return (start, end) if TAKEN not in text and _may_be_the_same(line.text, text) else None

    def _alike(self, line: Line) -> Range | None:
        if len(line.text) < ALIKE_CHARACTERS:
            return None
        for start, end in self._regions(line):
            if end - start < len(line.text) * ALIKE / 100:
                continue
            found = fuzz.partial_ratio_alignment(line.text, self._free[start:end], score_cutoff=ALIKE)
            if found is not None and found.src_end - found.src_start >= len(line.text) * ALIKE / 100:
                return self._fitted(line.text, start + found.dest_start, start + found.dest_end)
        return None

    def _fitted(self, text: str, start: int, end: int) -> Range | None:
        """The range, without taken characters, whose ends fit best; the longest of them: what differs is in it."""
        starts = range(max(0, start - SLACK), min(start + SLACK, end) + 1)
        start = min(starts, key=lambda at: (Levenshtein.distance(text, self._free[at:end]), at))
        ends = range(max(start + 1, end - SLACK), min(len(self._free), end + SLACK) + 1)
        end = min(ends, key=lambda at: (Levenshtein.distance(text, self._free[start:at]), -at))
        return None if TAKEN in self._free[start:end] else (start, end)

    def _gap(self, line: Line) -> Range | None:
        """The free range right behind what comes before, or right before what comes behind, if it may be this line."""
        before, behind = self._before(line), self._after(line)
        ranges: list[Range] = []
        if before is not None:
            ranges.append((before[1], self._free_end(before[1], len(line.text))))
        if behind is not None:
            ranges.append((self._free_start(behind[0], len(line.text)), behind[0]))
        return next((at for at in ranges if _may_be_the_same(line.text, self._free[at[0] : at[1]])), None)

    def _free_end(self, start: int, length: int) -> int:
        taken = self._free.find(TAKEN, start, start + length + SLACK)
        return min(len(self._free), start + length) if taken < 0 else taken

    def _free_start(self, end: int, length: int) -> int:
        taken = self._free.rfind(TAKEN, max(0, end - length - SLACK), end)
        return max(0, end - length) if taken < 0 else taken + 1


def _may_be_the_same(one: str, other: str) -> bool:
    """Half of the letters are; of numbers, as many digits."""
    if not other:
        return False
    if one.isdigit() and other.isdigit():
        return abs(len(one) - len(other)) <= 1
    return Indel.normalized_similarity(one, other) >= 0.5
