"""Tells a model that is stuck and counts from a table of numbers.

A stuck model counts: from one repetition to the next each number stays the same or grows by the same step, as do the
coordinates of boxes that it puts one below the other. Numbers in real tables go up and down, and a table whose subject
is numbers has more digits than letters.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

REGULAR_SHARE = 0.85
"""Share of a counter's steps that are alike. The others are boxes that begin again at the top of the page."""

_MAX_DIGITS = 18
"""Digits of a number that are looked at, as many as `MaskedText` takes for one number."""


def is_counting(numbers: Sequence[str], columns: int) -> bool:
    """Return True if each number stays or changes by a usual step at each repetition, and at least one changes.

    `numbers` are the digits of all numbers in the order written, `columns` of them in each repetition.
    """
    steps = [_usual_step(numbers[column::columns]) for column in range(columns)]
    return None not in steps and any(steps)


def has_more_words(unit: str, numbers: Sequence[str]) -> bool:
    """Return True if one repetition, masked, has more letters than its numbers have digits."""
    return sum(map(str.isalpha, unit)) > sum(map(len, numbers))


def _usual_step(digits: Sequence[str]) -> int | None:
    """Return the difference between most neighbouring numbers, which may be 0 or negative; None without a usual one."""
    values = [int(each[:_MAX_DIGITS]) for each in digits]
    steps = [after - before for before, after in pairwise(values)]
    if not steps:
        return None
    ((step, count),) = Counter(steps).most_common(1)
    return step if count >= REGULAR_SHARE * len(steps) else None
