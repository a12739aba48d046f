"""Finds where the lines of one reading stand in the text of another, whatever the order in which the two were read.

Each line is looked up in the blocks at its place on the page, then in the whole text. Characters that a line has taken
are not given to another line, so that a passage that comes twice in one reading and once in the other is noticed. A
line that is found nowhere as a whole is cut in two, because one engine may read two columns as one line.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.comparison.folding import Folded, Range, fold

TAKEN = "\uffff"
"""Replaces each character that a line has taken. Folded texts hold letters and digits only, so none contains it."""

MIN_INNER_CHARACTERS = 4
"""Length from which a line may be found inside of words. Fewer characters stand in other words by chance."""

MIN_SIMILARITY_PERCENT = 75
"""Similarity from which two different spellings count as readings of the same line."""

MIN_SIMILAR_CHARACTERS = 8
"""Length from which a line is looked up by similarity. Shorter ones are alike by chance."""

MIN_HALVED_CHARACTERS = 16
"""Length from which a line is cut in two: both halves can then be looked up by similarity."""

SLACK_CHARACTERS = 4
"""Characters by which the ends of a range found by similarity are moved to fit the line best."""


@dataclass(frozen=True, slots=True)
class LinePart:
    """A line of the second reading, or a part of one: its folded characters from `start` to before `end`.

    `box` is that of the whole line, in page units. `order` is the 0-based number of the line and the `start` with which
    the part was cut off (0 for a whole line), so that parts sort as they were read.
    """

    folded: Folded
    box: BoundingBox
    order: tuple[int, int]
    start: int
    end: int

    @property
    def text(self) -> str:
        """Letters and digits of the part."""
        return self.folded.text[self.start : self.end]

    @property
    def part_box(self) -> BoundingBox:
        """Estimated box of the part: letters are taken to be equally wide."""
        return cut_box(self.box, self.start, self.end, len(self.folded.text))

    def halves(self) -> tuple["LinePart", "LinePart"] | None:
        """Cut the part at the beginning of a word nearest to its middle; None for a single word or a short part."""
        if self.end - self.start < MIN_HALVED_CHARACTERS:
            return None
        middle = (self.start + self.end) // 2
        words = [at for at in range(self.start + 1, self.end) if self.folded.begins_word(at)]
        if not words:
            return None
        cut = min(words, key=lambda at: abs(at - middle))
        return replace(self, end=cut), replace(self, start=cut, order=(self.order[0], cut))


@dataclass(frozen=True, slots=True)
class Match:
    """A line or a part of one, and the range of the page's letters and digits in which it was found."""

    line: LinePart
    at: Range


def cut_box(box: BoundingBox, start: int, end: int, length: int) -> BoundingBox:
    """Return the part of a line's box for the characters `start` to before `end` of `length` equally wide ones."""
    if not length:
        return box
    step = box.width / length
    return BoundingBox(left=box.left + start * step, top=box.top, right=box.left + end * step, bottom=box.bottom)


def fold_lines(texts: Iterable[tuple[str, BoundingBox]]) -> list[LinePart]:
    """Fold the lines of a reading, in their order; lines without letters and digits are left out."""
    folded = [(fold(text), box) for text, box in texts]
    return [LinePart(line, box, (at, 0), 0, len(line.text)) for at, (line, box) in enumerate(folded) if line.text]


class Matcher:
    """Finds a place in a text for each line, or for parts of it.

    `near` has the boxes of the text's blocks, each with the range of its block. After `match`, `matches` holds what was
    found and `unmatched` the rest.
    """

    def __init__(self, text: Folded, near: Sequence[tuple[BoundingBox, Range]]) -> None:
        self._text = text
        self._near = near
        self._free = text.text
        self.matches: list[Match] = []
        self.unmatched: list[LinePart] = []
        # For the number of a line: the start and the place of its first and of its last part that was found.
        self._first: dict[int, tuple[int, Range]] = {}
        self._last: dict[int, tuple[int, Range]] = {}

    def match(self, lines: Sequence[LinePart]) -> None:
        """Match long lines first, then short ones beside their neighbours, and the rest in the gaps between matches."""
        rest = self._match_long([line for line in lines if len(line.text) >= MIN_SIMILAR_CHARACTERS])
        short = [line for line in lines if len(line.text) < MIN_SIMILAR_CHARACTERS]
        # The cells of a table often hold the same few values, so neighbours tell their places and their texts do not.
        short = self._match_each(short, self._find_behind_neighbour)
        short = self._match_each(short[::-1], self._find_before_neighbour)[::-1]
        short = self._match_each(short, self._find_between_neighbours)
        rest += self._match_each(short, self._find_exact)
        self.unmatched = self._match_each(sorted(rest, key=lambda line: line.order), self._find_in_gap)

    def free_ranges(self) -> Iterator[Range]:
        """Yield the ranges of the text that no line has taken."""
        at = 0
        for piece in self._free.split(TAKEN):
            if piece:
                yield at, at + len(piece)
            at += len(piece) + 1

    def _match_long(self, lines: Sequence[LinePart]) -> list[LinePart]:
        """Match lines exactly, the longest first, then by similarity, then halved again and again.

        Return the parts that are too short to be halved.
        """
        unmatched: list[LinePart] = []
        rest = self._match_each(sorted(lines, key=lambda line: line.start - line.end), self._find_exact)
        while rest:
            halves = [(line, line.halves()) for line in self._match_each(rest, self._find_similar)]
            unmatched += [line for line, parts in halves if parts is None]
            rest = self._match_each(
                [part for _, parts in halves if parts is not None for part in parts], self._find_exact
            )
        return unmatched

    def _match_each(self, lines: Sequence[LinePart], find: Callable[[LinePart], Range | None]) -> list[LinePart]:
        """Take the place that `find` gives for each line, and return the lines for which it gives none."""
        rest: list[LinePart] = []
        for line in lines:
            at = find(line)
            if at is None:
                rest.append(line)
            else:
                self._take(line, at)
        return rest

    def _take(self, line: LinePart, at: Range) -> None:
        self._free = self._free[: at[0]] + TAKEN * (at[1] - at[0]) + self._free[at[1] :]
        self.matches.append(Match(line, at))
        number, start = line.order
        self._first[number] = min(self._first.get(number, (start, at)), (start, at))
        self._last[number] = max(self._last.get(number, (start, at)), (start, at))

    def _search_ranges(self, line: LinePart) -> list[Range]:
        """Return the ranges to search: the blocks in which the middle of the line's box lies, then the whole text."""
        x, y = (line.box.left + line.box.right) / 2, (line.box.top + line.box.bottom) / 2
        inside = [at for box, at in self._near if box.left <= x <= box.right and box.top <= y <= box.bottom]
        return [*inside, (0, len(self._free))]

    def _find_exact(self, line: LinePart) -> Range | None:
        """Find the line's exact text; of several places the one nearest to the line before it."""
        for region in self._search_ranges(line):
            places = list(self._exact_indexes(line.text, region))
            if places:
                expected = self._expected_index(line)
                at = min(places, key=lambda place: abs(place - expected))
                return at, at + len(line.text)
        return None

    def _exact_indexes(self, text: str, region: Range) -> Iterator[int]:
        at = self._free.find(text, *region)
        while at >= 0:
            if len(text) >= MIN_INNER_CHARACTERS or self._is_word(at, at + len(text)):
                yield at
            at = self._free.find(text, at + 1, region[1])

    def _is_word(self, start: int, end: int) -> bool:
        return self._text.begins_word(start) and self._text.begins_word(end)

    def _expected_index(self, line: LinePart) -> int:
        """Return the index at which the line is expected: behind the one before it in the second reading."""
        before = self._place_before(line)
        return before[1] if before else 0

    def _place_before(self, line: LinePart) -> Range | None:
        """Return the place of the last match before this line in the order of the second reading."""
        number, start = line.order
        for each in range(number, -1, -1):
            found = self._last.get(each)
            if found is not None and (each, found[0]) < (number, start):
                return found[1]
        return None

    def _place_after(self, line: LinePart) -> Range | None:
        """Return the place of the first match after this line in the order of the second reading."""
        number, start = line.order
        for each in range(number, max(self._first, default=-1) + 1):
            found = self._first.get(each)
            if found is not None and (each, found[0]) > (number, start):
                return found[1]
        return None

    def _find_behind_neighbour(self, line: LinePart) -> Range | None:
        """Find the line's exact text right behind the place of the line before it."""
        found = self._last.get(line.order[0] - 1)
        return None if found is None else self._exact_range(line.text, found[1][1])

    def _find_before_neighbour(self, line: LinePart) -> Range | None:
        """Find the line's exact text right before the place of the line after it."""
        found = self._first.get(line.order[0] + 1)
        return None if found is None else self._exact_range(line.text, found[1][0] - len(line.text))

    def _exact_range(self, text: str, at: int) -> Range | None:
        end = at + len(text)
        is_there = at >= 0 and self._free.startswith(text, at)
        return (at, end) if is_there and (len(text) >= MIN_INNER_CHARACTERS or self._is_word(at, end)) else None

    def _find_between_neighbours(self, line: LinePart) -> Range | None:
        """Find everything between the places of both neighbours, if it may be this line."""
        before, behind = self._last.get(line.order[0] - 1), self._first.get(line.order[0] + 1)
        if before is None or behind is None:
            return None
        start, end = before[1][1], behind[1][0]
        text = self._free[start:end]
        return (start, end) if TAKEN not in text and _may_be_the_same(line.text, text) else None

    def _find_similar(self, line: LinePart) -> Range | None:
        """Find the stretch of the text that is most similar to the line, in the first searched range that has one."""
        if len(line.text) < MIN_SIMILAR_CHARACTERS:
            return None
        for start, end in self._search_ranges(line):
            if end - start < len(line.text) * MIN_SIMILARITY_PERCENT / 100:
                continue
            found = fuzz.partial_ratio_alignment(line.text, self._free[start:end], score_cutoff=MIN_SIMILARITY_PERCENT)
            if found is not None and found.src_end - found.src_start >= len(line.text) * MIN_SIMILARITY_PERCENT / 100:
                return self._fit_ends(line.text, start + found.dest_start, start + found.dest_end)
        return None

    def _fit_ends(self, text: str, start: int, end: int) -> Range | None:
        """Move both ends of a range so that it fits the text best; None if it then holds taken characters.

        Of equally good ranges the longest is taken, so that the differing letters lie inside of it.
        """
        starts = range(max(0, start - SLACK_CHARACTERS), min(start + SLACK_CHARACTERS, end) + 1)
        start = min(starts, key=lambda at: (Levenshtein.distance(text, self._free[at:end]), at))
        ends = range(max(start + 1, end - SLACK_CHARACTERS), min(len(self._free), end + SLACK_CHARACTERS) + 1)
        end = min(ends, key=lambda at: (Levenshtein.distance(text, self._free[start:at]), -at))
        return None if TAKEN in self._free[start:end] else (start, end)

    def _find_in_gap(self, line: LinePart) -> Range | None:
        """Find a free range right behind the match before, or right before the match after, that may be this line."""
        before, behind = self._place_before(line), self._place_after(line)
        ranges: list[Range] = []
        if before is not None:
            ranges.append((before[1], self._free_end(before[1], len(line.text))))
        if behind is not None:
            ranges.append((self._free_start(behind[0], len(line.text)), behind[0]))
        return next((at for at in ranges if _may_be_the_same(line.text, self._free[at[0] : at[1]])), None)

    def _free_end(self, start: int, length: int) -> int:
        """Return the end of the free range from `start` on: the next taken character, or `length` if none is near."""
        taken = self._free.find(TAKEN, start, start + length + SLACK_CHARACTERS)
        return min(len(self._free), start + length) if taken < 0 else taken

    def _free_start(self, end: int, length: int) -> int:
        """Return the start of the free range up to `end`, as `_free_end` does."""
        taken = self._free.rfind(TAKEN, max(0, end - length - SLACK_CHARACTERS), end)
        return max(0, end - length) if taken < 0 else taken + 1


def _may_be_the_same(one: str, other: str) -> bool:
    """Return True if half of the letters agree; of two numbers, if their lengths differ by one digit at most."""
    if not other:
        return False
    if one.isdigit() and other.isdigit():
        return abs(len(one) - len(other)) <= 1
    return Indel.normalized_similarity(one, other) >= 0.5
