"""A text that ends in repetitions of itself: how long the unit is, and where they began."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_mcp.model.loops import LoopThresholds

_PROBE = 24  # characters: long enough to be rare, shorter than any run that counts
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|&nbsp;")
_TORN_TAGS = re.compile(r"^[^<>]*>|<[^<>]*$")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Period:
    """The end of a text repeats its last `unit` characters, more often than real pages do if `is_proof`."""

    unit: int
    is_proof: bool


def period_at_end(text: str, limits: LoopThresholds) -> Period | None:
    """The shortest period of the end of a text, if there is one of at most `max_unit` characters."""
    for unit in _candidates(text, limits.max_unit):
        if _repeats_at_end(text, unit, max(unit * limits.repeats, limits.min_characters)):
            needed = max(unit * limits.repeats, _needed(text[-unit:], limits))
            # A multiple of this unit is the same kind of text, so there is nothing more to look at.
            return Period(unit, is_proof=_repeats_at_end(text, unit, needed))
    return None


def repetition_at_end(text: str, limits: LoopThresholds) -> tuple[int, int] | None:
    """The shortest period of at most `max_long_unit` that stands `long_repeats` times at the end, on a few characters.

    With where it comes for the second time.
    """
    for unit in _candidates(text, limits.max_long_unit):
        if _repeats_at_end(text, unit, max(unit * limits.long_repeats, limits.min_characters)):
            return unit, second_unit(text, unit)
    return None


def second_unit(text: str, unit: int) -> int:
    """Where the unit that a text ends in comes for the second time, as far back as they follow each other."""
    start = len(text) - unit
    while start > 0 and text[start - 1] == text[start - 1 + unit]:
        start -= 1
    return start + unit


def _repeats_at_end(text: str, unit: int, characters: int) -> bool:
    """Whether the last `characters` have that period."""
    if len(text) < characters:
        return False
    tail = text[-characters:]
    return tail[unit:] == tail[:-unit]


def _candidates(text: str, longest: int) -> Iterator[int]:
    """The distances at which the last few characters stood before, nearest first: one of them is the period."""
    size = len(text)
    probe = text[-_PROBE:]
    lowest = max(0, size - longest - _PROBE)
    at = text.rfind(probe, lowest, size - 1) if size > _PROBE else -1
    while at >= 0:
        yield size - _PROBE - at
        at = text.rfind(probe, lowest, at + _PROBE - 1)


def _needed(unit: str, limits: LoopThresholds) -> int:
    """How many characters of repetition prove a loop of such units. A unit may begin and end within a tag."""
    said = unit * (1 + 40 // len(unit))
    is_cells = "<" in said or "|" in said
    bare = _TORN_TAGS.sub("", said) if is_cells else said
    has_letters = _LETTER.search(_TAG.sub("", bare)) is not None
    if is_cells:
        return limits.cell_characters if has_letters else limits.empty_cell_characters
    return limits.min_characters if has_letters else limits.filler_characters
