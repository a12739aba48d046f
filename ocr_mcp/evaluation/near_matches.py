"""Find the places where a text stands in another one with a few differences."""

from collections.abc import Iterator


def find_match_starts(wanted: str, text: str, max_edits: int) -> list[int]:
    """Return the ascending starts of the parts of `text` that at most `max_edits` edits turn into `wanted`."""
    if not max_edits:
        return list(_find_exact(wanted, text))
    return [len(text) - end for end in reversed(_find_ends(wanted[::-1], text[::-1], max_edits))]


def _find_exact(wanted: str, text: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _find_ends(wanted: str, text: str, max_edits: int) -> list[int]:
    """Return the ends of such parts, by Sellers' algorithm.

    Ukkonen's cut-off: only the rows of a column up to the last value within the limit are computed.
    """
    column = list(range(len(wanted) + 1))
    last = min(max_edits, len(wanted))  # below it every value is beyond the limit
    found: list[int] = []
    for end, character in enumerate(text, start=1):
        diagonal = 0
        last = min(last + 1, len(wanted))
        for row in range(1, last + 1):
            cost = diagonal + (wanted[row - 1] != character)
            diagonal = column[row]
            column[row] = min(cost, diagonal + 1, column[row - 1] + 1)
        while column[last] > max_edits:
            last -= 1
        if last == len(wanted):
            found.append(end)
    return found
