"""Compares the text of a page with the lines of a second reading: their agreement, and their differences."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Indel

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.second_opinions import Difference, DifferenceKind
from ocr_mcp.parsing.comparison.changed_words import Change, find_changes
from ocr_mcp.parsing.comparison.folding import Range, fold
from ocr_mcp.parsing.comparison.matching import LinePart, Match, Matcher, cut_box, fold_lines

MIN_PASSAGE_LETTERS = 6
"""Letters and digits of a passage that only one reading has. Fewer are specks and parts of pictures."""

MIN_PASSAGE_DIGITS = 2
"""Digits of a number that only one reading has. A single one numbers a list or a footnote and is too small to be found
reliably.
"""


@dataclass(frozen=True, slots=True)
class Passage:
    """The text of one block. `block` is its 0-based index on the page, `boxes` are in page units and may be empty."""

    text: str
    block: int
    boxes: tuple[BoundingBox, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison.

    `agreement` (0 to 1) is Dice's coefficient of the letters and digits of both readings, None where neither has any.
    `differences` are in the order of `DifferenceKind`, the most important first.
    """

    agreement: float | None
    differences: tuple[Difference, ...]


def compare(passages: Sequence[Passage], seen: Sequence[tuple[str, BoundingBox]]) -> Comparison:
    """Compare a page's text with the lines of a second reading, each with its box in page units."""
    page = _PageText(passages)
    lines = fold_lines(seen)
    matcher = Matcher(page.text, page.near())
    matcher.match(lines)
    total = len(page.text.text) + sum(line.end - line.start for line in lines)
    same = sum(_letters_in_both(page, match) for match in matcher.matches)
    found = [
        *(difference for match in matcher.matches for difference in _find_changed_words(page, match)),
        *_find_invented(page, matcher),
        *_find_omitted(page, matcher.unmatched),
    ]
    order = list(DifferenceKind)
    found.sort(key=lambda difference: order.index(difference.kind))
    return Comparison(2 * same / total if total else None, tuple(found))


class _PageText:
    """The text of a page as a whole, which knows the block of each of its letters.

    `ranges` has for each passage its range in `text.text`.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.text = fold("\n\n".join(passage.text for passage in passages))
        ends = [bisect_left(self.text.places, end) for end in _raw_ends(passages)]
        self.ranges = list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []

    def near(self) -> list[tuple[BoundingBox, Range]]:
        """Return each box of the blocks with the range of its block's letters."""
        pairs = zip(self.passages, self.ranges, strict=True)
        return [(box, at) for passage, at in pairs for box in passage.boxes]

    def split_by_block(self, at: Range) -> Iterator[tuple[Passage, Range]]:
        """Cut a range of letters into parts that lie in one block each."""
        for passage, (start, end) in zip(self.passages, self.ranges, strict=True):
            part = max(start, at[0]), min(end, at[1])
            if part[0] < part[1]:
                yield passage, part

    def block_at(self, index: int) -> int:
        """Return the 0-based index of the block that a letter belongs to."""
        return next((passage.block for passage, _ in self.split_by_block((index, index + 1))), self.passages[-1].block)

    def block_around(self, box: BoundingBox) -> int | None:
        """Return the index of the block in which the middle of a box lies, None where there is none."""
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        for passage in self.passages:
            if any(each.left <= x <= each.right and each.top <= y <= each.bottom for each in passage.boxes):
                return passage.block
        return None


def _raw_ends(passages: Sequence[Passage]) -> Iterator[int]:
    """Yield where each passage ends in the page's raw text, in which two line breaks part passages."""
    at = 0
    for passage in passages:
        yield at + len(passage.text)
        at += len(passage.text) + 2


def _letters_in_both(page: _PageText, match: Match) -> int:
    """Return the length of the longest common subsequence of a line and the text at its place."""
    one, other = match.line.text, page.text.text[slice(*match.at)]
    return (len(one) + len(other) - Indel.distance(one, other)) // 2


def _find_changed_words(page: _PageText, match: Match) -> Iterator[Difference]:
    """Yield the words that differ within a line that both readings have."""
    line = match.line
    block = page.block_at(match.at[0])
    for change in find_changes(page.text, match.at, line.folded, (line.start, line.end)):
        read = page.text.raw[slice(*change.read)].strip()
        seen = line.folded.raw[slice(*change.seen)].strip()
        box = cut_box(line.box, *change.seen, len(line.folded.raw))
        yield Difference(kind=_kind(change, read, seen), read=read, seen=seen, block=block, boxes=(box,))


def _kind(change: Change, read: str, seen: str) -> DifferenceKind:
    if change.is_number:
        return DifferenceKind.NUMBER
    if not seen:
        return DifferenceKind.INVENTED
    return DifferenceKind.WORDS if read else DifferenceKind.OMITTED


def _find_invented(page: _PageText, matcher: Matcher) -> Iterator[Difference]:
    """Yield the passages of the page's text that no line of the second reading matched.

    Passages of which half or more is formulas are left out, because engines write formulas in different ways.
    """
    text = page.text
    for free in matcher.free_ranges():
        for passage, at in page.split_by_block(free):
            unsure = len(text.unsure.intersection(range(*at)))
            if _is_worth_listing(text.text[slice(*at)]) and 2 * unsure < at[1] - at[0]:
                read = text.raw[slice(*text.words(at))]
                yield Difference(
                    kind=DifferenceKind.INVENTED, read=read, seen="", block=passage.block, boxes=passage.boxes
                )


def _find_omitted(page: _PageText, lines: Sequence[LinePart]) -> Iterator[Difference]:
    """Yield the lines that only the second reading has, neighbouring lines as one passage."""
    for passage in _group_lines(_merge_parts(lines)):
        if any(_is_worth_listing(line.text) for line in passage):
            boxes = tuple(line.part_box for line in passage)
            seen = " ".join(line.folded.raw[slice(*line.folded.words((line.start, line.end)))] for line in passage)
            block = page.block_around(boxes[0])
            yield Difference(kind=DifferenceKind.OMITTED, read="", seen=seen, block=block, boxes=boxes)


def _merge_parts(lines: Sequence[LinePart]) -> list[LinePart]:
    """Merge parts of one line that follow each other without a gap."""
    joined: list[LinePart] = []
    for line in sorted(lines, key=lambda line: line.order):
        if joined and joined[-1].order[0] == line.order[0] and joined[-1].end == line.start:
            joined[-1] = replace(joined[-1], end=line.end)
        else:
            joined.append(line)
    return joined


def _group_lines(lines: Sequence[LinePart]) -> list[list[LinePart]]:
    """Group lines that follow each other in the second reading and stand close under each other on the page."""
    passages: list[list[LinePart]] = []
    for line in lines:
        if passages and _follows(passages[-1][-1], line):
            passages[-1].append(line)
        else:
            passages.append([line])
    return passages


def _follows(before: LinePart, line: LinePart) -> bool:
    one, other = before.part_box, line.part_box
    overlaps = min(one.right, other.right) > max(one.left, other.left)
    close = abs(other.top - one.bottom) < max(one.height, other.height)
    return line.order[0] == before.order[0] + 1 and overlaps and close


def _is_worth_listing(text: str) -> bool:
    return len(text) >= MIN_PASSAGE_LETTERS or sum(map(str.isdigit, text)) >= MIN_PASSAGE_DIGITS
