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
from ocr_mcp.parsing.folding import Folded, Range, fold

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

    def match(self, lines: Sequence[Line]) -> None:
        """Find the lines: exactly, the longest first; then what is alike; then what is alike in part."""
        rest = self._each(sorted(lines, key=lambda line: line.start - line.end), self._exact)
        while rest:
            unlike = self._each(rest, self._alike)
            halves = [(line, line.halves()) for line in unlike]
            self.unmatched += [line for line, parts in halves if parts is None]
            rest = self._each([part for _, parts in halves if parts is not None for part in parts], self._exact)
        self._between()

    def free_ranges(self) -> Iterator[Range]:
        """What no line has taken."""
        at = 0
        for piece in self._free.split(TAKEN):
            if piece:
                yield at, at + len(piece)
            at += len(piece) + 1

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
        before = [match for match in self.matches if match.line.order < line.order]
        return max(before, key=lambda match: match.line.order).at[1] if before else 0

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

    def _between(self) -> None:
        """What stands between neighbours that were found, in both readings, is the same place read in two ways."""
        unmatched, self.unmatched = sorted(self.unmatched, key=lambda line: line.order), []
        for line in unmatched:
            at = self._gap(line)
            if at is None:
                self.unmatched.append(line)
            else:
                self._take(line, at)

    def _gap(self, line: Line) -> Range | None:
        """The free range right behind the line before, or right before the line behind, if it may be this line."""
        before = [match for match in self.matches if match.line.order < line.order]
        after = [match for match in self.matches if match.line.order > line.order]
        ranges: list[Range] = []
        if before:
            end = max(before, key=lambda match: match.line.order).at[1]
            ranges.append((end, self._free_end(end, len(line.text))))
        if after:
            start = min(after, key=lambda match: match.line.order).at[0]
            ranges.append((self._free_start(start, len(line.text)), start))
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
