"""List items that the model ran together, without the line breaks: `- one offer- Shortly after`.

This is a known fault of models. A marker inside an item begins another only where it can be
nothing else: it is the item's own marker, glued to the word before it, and a capital letter or a digit follows.
Bullets such as `•` have no other use and need only be the item's own.
"""

import re
from collections.abc import Iterator

_UNAMBIGUOUS_BULLETS = frozenset("•◦▪‣●○■□▢☐☑☒✓")
_GLUED_DASH = re.compile(r"(?<=[\w.,;:!?)\]”\"'%])(?P<marker>[-*])[ \t]+(?=\w)")
_NUMBERED = re.compile(r"(\d{1,3})([.)])[ \t]")


def split_items(item: str) -> Iterator[str]:
    """Yield the items that a list item holds, mostly one. Nothing but white space between them is lost."""
    start = item[:1]
    if start in _UNAMBIGUOUS_BULLETS:
        yield from _split_at(item, [found.start() for found in re.finditer(re.escape(start), item)])
    elif start in ("-", "*"):
        yield from _split_at(item, [0, *(m.start() for m in _GLUED_DASH.finditer(item) if _begins_item(item, m))])
    else:
        yield from _split_at(item, _find_numbered_starts(item))


def _begins_item(item: str, match: re.Match[str]) -> bool:
    """Return True if a dash or star begins an item. Between two numbers it is a range, as in `3- 5`."""
    before, after = item[match.start() - 1], item[match.end()]
    is_range = before.isdigit() and after.isdigit()
    return match["marker"] == item[0] and _is_followed_by_capital(item, match) and not is_range


def _is_followed_by_capital(item: str, match: re.Match[str]) -> bool:
    after = item[match.end() : match.end() + 1]
    return after.isupper() or after.isdigit()


def _find_numbered_starts(item: str) -> list[int]:
    """Return the indexes of the item's number and of those that count on from it, each glued to the word before it."""
    first = _NUMBERED.match(item)
    starts = [0]
    if first is None:
        return starts
    number, mark = int(first[1]), first[2]
    while True:
        number += 1
        glued = re.compile(rf"(?<=[^\W\d_]|[,;:!?)\]”\"'%]){number}{re.escape(mark)}[ \t]+(?=\S)")
        found = next((m for m in glued.finditer(item, starts[-1] + 1) if _is_followed_by_capital(item, m)), None)
        if found is None:
            return starts
        starts.append(found.start())


def _split_at(item: str, starts: list[int]) -> Iterator[str]:
    for start, end in zip(starts, [*starts[1:], len(item)], strict=True):
        yield item[start:end].strip()
