"""Where a text stands in another one with a few differences."""

from collections.abc import Iterator


def match_starts(wanted: str, text: str, most_edits: int) -> list[int]:
    """Where a part of `text` begins that becomes `wanted` by at most so many edits; 0-based indexes, ascending."""
    if not most_edits:
        return list(_exact(wanted, text))
    return [len(text) - end for end in reversed(_ends(wanted[::-1], text[::-1], most_edits))]


def _exact(wanted: str, text: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _ends(wanted: str, text: str, most_edits: int) -> list[int]:
    """Where such parts end (Sellers' algorithm), cut off where a column is beyond the limit (Ukkonen)."""
    column = list(range(len(wanted) + 1))
    last = min(most_edits, len(wanted))  # below it every value is beyond the limit
    found: list[int] = []
    for end, character in enumerate(text, start=1):
        diagonal = 0
        last = min(last + 1, len(wanted))
        for row in range(1, last + 1):
            cost = diagonal + (wanted[row - 1] != character)
            diagonal = column[row]
            column[row] = min(cost, diagonal + 1, column[row - 1] + 1)
        while column[last] > most_edits:
            last -= 1
        if last == len(wanted):
            found.append(end)
    return found
