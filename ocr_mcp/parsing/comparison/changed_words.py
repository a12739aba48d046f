"""Finds the words that two readings of one line do not share."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import Indel, Levenshtein

from ocr_mcp.parsing.comparison.folding import Folded, Range, fold

MIN_WORD_SIMILARITY = 0.75
"""Similarity (0 to 1) from which two words count as one word of which an engine misread a letter."""

MIN_ADDED_LETTERS = 3
"""Letters of words that only one reading has in a line of both; "not" has as many, a speck read as text has fewer."""

_LOOKALIKES = str.maketrans("oqdliszbg", "000115289")
"""Each letter that engines confuse with a digit, and that digit."""

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d(?:[\d.,' \u00a0]*\d)?")
_FRACTION = re.compile(r"[.,](\d{1,2})$")


@dataclass(frozen=True, slots=True)
class Change:
    """The differing words of both readings, as ranges of their raw texts; `is_number` says that their digits differ."""

    read: Range
    seen: Range
    is_number: bool


def find_changes(read: Folded, read_at: Range, seen: Folded, seen_at: Range) -> Iterator[Change]:
    """Yield the words that differ between two readings of a line, except for words misread by a letter.

    `read_at` and `seen_at` are the ranges of the line in `read.text` and `seen.text`.
    """
    pairs = _find_changed_pairs(read, read_at, seen, seen_at)
    for read_words, seen_words in _merge_overlapping(pairs):
        one, other = read.raw[slice(*read_words)], seen.raw[slice(*seen_words)]
        is_number = numbers_differ(one, other)
        if is_number or words_differ(one, other):
            yield Change(read_words, seen_words, is_number)


def numbers_differ(one: str, other: str) -> bool:
    """Return True if two readings of the same words have other digits, or the decimal mark in another place."""
    if not fold(one).text or not fold(other).text:
        return False
    if _digits(one) == _digits(other):
        return _fractions(one) != _fractions(other)
    return _fold_by_look(one) != _fold_by_look(other)


def words_differ(one: str, other: str) -> bool:
    """Return True if two readings are different words, not one word misread by a letter or spaced in another way."""
    first, second = _fold_by_look(one), _fold_by_look(other)
    if not first or not second:
        return len(first + second) >= MIN_ADDED_LETTERS
    return Indel.normalized_similarity(first, second) < MIN_WORD_SIMILARITY


def _fold_by_look(text: str) -> str:
    """Fold a text so that letters and digits that look alike are the same: `lO1` and `101`."""
    return fold(text).text.translate(_LOOKALIKES)


def _digits(text: str) -> str:
    return "".join(_DIGIT.findall(fold(text).text))


def _fractions(text: str) -> list[str]:
    """Return the one or two digits behind the last mark of each number: 50 for `1.234,50` and for `1,234.50`."""
    found = [_FRACTION.search(number) for number in _NUMBER.findall(text)]
    return [match[1] for match in found if match is not None]


def _find_changed_pairs(read: Folded, read_at: Range, seen: Folded, seen_at: Range) -> Iterator[tuple[Range, Range]]:
    """Yield the raw ranges of the words around each edit that turns one reading of a line into the other."""
    (here, _), (there, _) = read_at, seen_at
    for step in Levenshtein.opcodes(read.text[slice(*read_at)], seen.text[slice(*seen_at)]):
        one = here + step.src_start, here + step.src_end
        other = there + step.dest_start, there + step.dest_end
        if step.tag == "equal":
            yield from _find_moved_marks(read, one, seen, other)
        elif not _is_near_formula(read, one):
            yield _words_around(read, one, seen, other), _words_around(seen, other, read, one)


def _find_moved_marks(read: Folded, read_at: Range, seen: Folded, seen_at: Range) -> Iterator[tuple[Range, Range]]:
    """Yield the raw ranges of numbers that have the same digits and the decimal mark in different places.

    Both ranges hold the same letters and digits, so an index in one is as far from its start as in the other.
    """
    if read_at[0] == read_at[1]:
        return
    begin = read.places[read_at[0]]
    text = read.raw[begin : read.places[read_at[1] - 1] + 1]
    for number in _NUMBER.finditer(text):
        digits = [at for at in range(*read_at) if number.start() <= read.places[at] - begin < number.end()]
        if not digits:
            continue
        one = (digits[0], digits[-1] + 1)
        other = (one[0] - read_at[0] + seen_at[0], one[1] - read_at[0] + seen_at[0])
        ours, theirs = _raw(read, one), _raw(seen, other)
        if _fractions(ours) != _fractions(theirs):
            yield read.words(one), seen.words(other)


def _raw(folded: Folded, at: Range) -> str:
    return folded.raw[folded.places[at[0]] : folded.places[at[1] - 1] + 1]


def _words_around(folded: Folded, at: Range, other: Folded, other_at: Range) -> Range:
    """Return the raw range of the words in which a change lies.

    It is empty where the other reading only adds whole words there.
    """
    if at[0] < at[1]:
        return folded.words(at)
    index = at[0]
    begins, ends = other.begins_word(other_at[0]), other.begins_word(other_at[1])
    if folded.begins_word(index) and begins and ends:
        place = folded.places[index] if index < len(folded.places) else len(folded.raw)
        return place, place
    if (begins or index == 0) and index < len(folded.places):
        return folded.words((index, index + 1))
    return folded.words((index - 1, index)) if index else (0, 0)


def _is_near_formula(read: Folded, at: Range) -> bool:
    # Two letters around the change count too: where a formula ends is not sure to a letter.
    return not read.unsure.isdisjoint(range(at[0] - 2, at[1] + 2))


def _merge_overlapping(pairs: Iterator[tuple[Range, Range]]) -> Iterator[tuple[Range, Range]]:
    """Merge changes that lie in the same word of either reading."""
    current: tuple[Range, Range] | None = None
    for read, seen in pairs:
        if current is not None and (read[0] < current[0][1] or seen[0] < current[1][1]):
            current = (_union(current[0], read), _union(current[1], seen))
            continue
        if current is not None:
            yield current
        current = (read, seen)
    if current is not None:
        yield current


def _union(one: Range, other: Range) -> Range:
    return min(one[0], other[0]), max(one[1], other[1])
