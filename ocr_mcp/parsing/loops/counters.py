"""What tells a model that counts from a table of numbers.

A model that is stuck counts: from one repetition to the next each number stays or grows by the same step, as the boxes
do that it puts one below the other. Numbers of real tables go up and down; and where they are what a page is about,
they outnumber the letters around them.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

REGULAR_SHARE = 0.85
"""Steps of a counter that are alike. The others are boxes that begin anew at the top of the page."""

_MAX_DIGITS = 18


def is_counting(numbers: Sequence[str], columns: int) -> bool:
    """Whether numbers, `columns` in each repetition, all stay or grow regularly, and at least one of them grows."""
    steps = [_usual_step(numbers[column::columns]) for column in range(columns)]
    return None not in steps and any(steps)


def has_more_words(unit: str, numbers: Sequence[str]) -> bool:
    """Whether one repetition has more letters than digits."""
    return sum(map(str.isalpha, unit)) > sum(map(len, numbers))


def _usual_step(digits: Sequence[str]) -> int | None:
    """The step between most neighbours, None where there is none. `0007` is 7."""
    values = [int(each[:_MAX_DIGITS]) for each in digits]
    steps = [after - before for before, after in pairwise(values)]
    if not steps:
        return None
    ((step, count),) = Counter(steps).most_common(1)
    return step if count >= REGULAR_SHARE * len(steps) else None
