"""Compares two readings of a page: how far they agree, and the passages on which they differ."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.second_opinions import Difference, DifferenceKind
from ocr_mcp.parsing.comparison.changed_words import Change, changes
from ocr_mcp.parsing.comparison.folding import Range, fold
from ocr_mcp.parsing.comparison.matching import Line, Match, Matcher, lines_of, part_of

MIN_LETTERS = 6
"""Of a passage that only one reading has. Fewer are specks and parts of pictures."""

MIN_DIGITS = 2
"""Of a number that only one reading has. A single digit is a list's or a footnote's, too small to be surely found."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The text of one block, and where it stands; `block` is its 0-based index on the page."""

    text: str
    block: int
    boxes: tuple[BoundingBox, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`agreement` is None where there is nothing to compare; `differences` are in the order of their importance."""

    agreement: float | None
    differences: tuple[Difference, ...]


def compare(passages: Sequence[Passage], seen: Sequence[tuple[str, BoundingBox]]) -> Comparison:
    """The page's text against the lines of a second reading, each with its box in the same units."""
    page = _PageText(passages)
    lines = lines_of(seen)
    matcher = Matcher(page.text, page.near())
    matcher.match(lines)
    total = len(page.text.text) + sum(line.end - line.start for line in lines)
    same = sum(_letters_in_both(page, match) for match in matcher.matches)
    found = [
        *(difference for match in matcher.matches for difference in _changed(page, match)),
        *_invented(page, matcher),
        *_omitted(page, matcher.unmatched),
    ]
    order = list(DifferenceKind)
    found.sort(key=lambda difference: order.index(difference.kind))
    return Comparison(2 * same / total if total else None, tuple(found))


class _PageText:
    """The text of a page as one, that knows which block each letter is of."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.text = fold("\n\n".join(passage.text for passage in passages))
        ends = [bisect_left(self.text.places, end) for end in _raw_ends(passages)]
        self.ranges = list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []

    def near(self) -> list[tuple[BoundingBox, Range]]:
        """The boxes of the blocks, and what they hold."""
        pairs = zip(self.passages, self.ranges, strict=True)
        return [(box, at) for passage, at in pairs for box in passage.boxes]

    def by_block(self, at: Range) -> Iterator[tuple[Passage, Range]]:
        """A range of letters, in parts that are of one block each."""
        for passage, (start, end) in zip(self.passages, self.ranges, strict=True):
            part = max(start, at[0]), min(end, at[1])
            if part[0] < part[1]:
                yield passage, part

    def block_at(self, index: int) -> int:
        """The block that a letter is of."""
        return next((passage.block for passage, _ in self.by_block((index, index + 1))), self.passages[-1].block)

    def block_around(self, box: BoundingBox) -> int | None:
        """The block in whose box the middle of another lies."""
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        for passage in self.passages:
            if any(each.left <= x <= each.right and each.top <= y <= each.bottom for each in passage.boxes):
                return passage.block
        return None


def _raw_ends(passages: Sequence[Passage]) -> Iterator[int]:
    at = 0
    for passage in passages:
        yield at + len(passage.text)
        at += len(passage.text) + 2


def _letters_in_both(page: _PageText, match: Match) -> int:
    """The longest common subsequence."""
    one, other = match.line.text, page.text.text[slice(*match.at)]
    return (len(one) + len(other) - Indel.distance(one, other)) // 2


def _changed(page: _PageText, match: Match) -> Iterator[Difference]:
    """Words that were read in two ways within a line that both have."""
    line = match.line
    block = page.block_at(match.at[0])
    for change in changes(page.text, match.at, line.folded, (line.start, line.end)):
        read = page.text.raw[slice(*change.read)].strip()
        seen = line.folded.raw[slice(*change.seen)].strip()
        box = part_of(line.box, *change.seen, len(line.folded.raw))
        yield Difference(kind=_kind(change, read, seen), read=read, seen=seen, block=block, boxes=(box,))


def _kind(change: Change, read: str, seen: str) -> DifferenceKind:
    if change.is_number:
        return DifferenceKind.NUMBER
    if not seen:
        return DifferenceKind.INVENTED
    return DifferenceKind.WORDS if read else DifferenceKind.OMITTED


def _invented(page: _PageText, matcher: Matcher) -> Iterator[Difference]:
    """What no line of the second reading took."""
    text = page.text
    for free in matcher.free_ranges():
        for passage, at in page.by_block(free):
            unsure = len(text.unsure.intersection(range(*at)))
            if _says_something(text.text[slice(*at)]) and 2 * unsure < at[1] - at[0]:
                read = text.raw[slice(*text.words(at))]
                yield Difference(
                    kind=DifferenceKind.INVENTED, read=read, seen="", block=passage.block, boxes=passage.boxes
                )


def _omitted(page: _PageText, lines: Sequence[Line]) -> Iterator[Difference]:
    """What stands on the page by the second reading alone; neighbouring lines are one passage."""
    for passage in _passages(_together(lines)):
        if any(_says_something(line.text) for line in passage):
            boxes = tuple(line.part_box for line in passage)
            seen = " ".join(line.folded.raw[slice(*line.folded.words((line.start, line.end)))] for line in passage)
            block = page.block_around(boxes[0])
            yield Difference(kind=DifferenceKind.OMITTED, read="", seen=seen, block=block, boxes=boxes)


def _together(lines: Sequence[Line]) -> list[Line]:
    """Neighbouring parts of a line as one."""
    joined: list[Line] = []
    for line in sorted(lines, key=lambda line: line.order):
        if joined and joined[-1].order[0] == line.order[0] and joined[-1].end == line.start:
            joined[-1] = joined[-1].until(line.end)
        else:
            joined.append(line)
    return joined


def _passages(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that follow each other in their reading and stand close under each other."""
    passages: list[list[Line]] = []
    for line in lines:
        if passages and _follows(passages[-1][-1], line):
            passages[-1].append(line)
        else:
            passages.append([line])
    return passages


def _follows(before: Line, line: Line) -> bool:
    one, other = before.part_box, line.part_box
    overlaps = min(one.right, other.right) > max(one.left, other.left)
    close = abs(other.top - one.bottom) < max(one.height, other.height)
    return line.order[0] == before.order[0] + 1 and overlaps and close


def _says_something(text: str) -> bool:
    return len(text) >= MIN_LETTERS or sum(map(str.isdigit, text)) >= MIN_DIGITS
