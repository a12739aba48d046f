"""Finds exact repetition at the end of a text: the length of the repeated unit, and where the repetition began."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_mcp.model.loops import LoopThresholds

_PROBE_CHARACTERS = 24
"""Length of the end that is looked up before: long enough to be rare, shorter than any repetition that counts."""

_TORN_TAG_CHARACTERS = 40
"""A unit is repeated to more than this length, so that a tag torn at its ends stands whole in the middle."""
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|&nbsp;")
_TORN_TAGS = re.compile(r"^[^<>]*>|<[^<>]*$")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Period:
    """The end of a text repeats its last `unit` characters; with `is_proof` for longer than real pages do."""

    unit: int
    is_proof: bool


def period_at_end(text: str, limits: LoopThresholds) -> Period | None:
    """Return the shortest period, of at most `max_unit` characters, at the end of a text; None without one."""
    for unit in _candidates(text, limits.max_unit):
        if _repeats_at_end(text, unit, max(unit * limits.repeats, limits.min_characters)):
            needed = max(unit * limits.repeats, _proving_length(text[-unit:], limits))
            # Longer candidates are multiples of this unit, hence the same kind of text, and are not looked at.
            return Period(unit, is_proof=_repeats_at_end(text, unit, needed))
    return None


def repetition_at_end(text: str, limits: LoopThresholds) -> tuple[int, int] | None:
    """Return the shortest period that stands `long_repeats` times at the end, and where its second repetition begins.

    The period has at most `max_long_unit` characters, all repetitions together at least `min_characters`. None without
    one.
    """
    for unit in _candidates(text, limits.max_long_unit):
        if _repeats_at_end(text, unit, max(unit * limits.long_repeats, limits.min_characters)):
            return unit, second_unit(text, unit)
    return None


def second_unit(text: str, unit: int) -> int:
    """Return the index one `unit` behind the beginning of the repetition that a text ends in.

    There the text begins to repeat itself. The repetition is followed back as far as it goes without a break.
    """
    start = len(text) - unit
    while start > 0 and text[start - 1] == text[start - 1 + unit]:
        start -= 1
    return start + unit


def _repeats_at_end(text: str, unit: int, characters: int) -> bool:
    """Return True if the last `characters` of a text repeat with a period of `unit`."""
    if len(text) < characters:
        return False
    tail = text[-characters:]
    return tail[unit:] == tail[:-unit]


def _candidates(text: str, longest: int) -> Iterator[int]:
    """Yield the distances at which the last characters of a text stand before, nearest first.

    Only these can be periods. Looking them up is faster than trying every length.
    """
    size = len(text)
    probe = text[-_PROBE_CHARACTERS:]
    lowest = max(0, size - longest - _PROBE_CHARACTERS)
    at = text.rfind(probe, lowest, size - 1) if size > _PROBE_CHARACTERS else -1
    while at >= 0:
        yield size - _PROBE_CHARACTERS - at
        at = text.rfind(probe, lowest, at + _PROBE_CHARACTERS - 1)


def _proving_length(unit: str, limits: LoopThresholds) -> int:
    """Return the number of repeated characters that prove a loop of this unit, which may begin and end in a tag."""
    said = unit * (1 + _TORN_TAG_CHARACTERS // len(unit))
    is_cells = "<" in said or "|" in said
    bare = _TORN_TAGS.sub("", said) if is_cells else said
    has_letters = _LETTER.search(_TAG.sub("", bare)) is not None
    if is_cells:
        return limits.cell_characters if has_letters else limits.empty_cell_characters
    return limits.min_characters if has_letters else limits.filler_characters
