"""List items that the model ran together, its line breaks forgotten (DeepSeek-OCR #200): `- one offer- Shortly after`.

A marker is one only where it cannot be anything else: the same marker as the item's own, glued to the word before it,
with a capital or a digit after it. Bullets that stand for nothing else need less.
"""

import re
from collections.abc import Iterator

_BULLETS = frozenset("•◦▪‣●○■□▢☐☑☒✓")
_GLUED_DASH = re.compile(r"(?<=[\w.,;:!?)\]”\"'%])(?P<marker>[-*])[ \t]+(?=\w)")
_NUMBERED = re.compile(r"(\d{1,3})([.)])[ \t]")


def split_items(item: str) -> Iterator[str]:
    """The items that a list item holds; mostly one. Nothing but white space between them is lost."""
    start = item[:1]
    if start in _BULLETS:
        yield from _at(item, [found.start() for found in re.finditer(re.escape(start), item)])
    elif start in ("-", "*"):
        yield from _at(item, [0, *(m.start() for m in _GLUED_DASH.finditer(item) if _begins_item(item, m))])
    else:
        yield from _at(item, _numbered_starts(item))


def _begins_item(item: str, match: re.Match[str]) -> bool:
    """The marker of the item itself; a number after a number is a range, `3- 5`."""
    before, after = item[match.start() - 1], item[match.end()]
    is_range = before.isdigit() and after.isdigit()
    return match["marker"] == item[0] and _is_upper(item, match) and not is_range


def _is_upper(item: str, match: re.Match[str]) -> bool:
    after = item[match.end() : match.end() + 1]
    return after.isupper() or after.isdigit()


def _numbered_starts(item: str) -> list[int]:
    """Where `1. `, `2. ` and so on begin, each glued to the word before it."""
    first = _NUMBERED.match(item)
    starts = [0]
    if first is None:
        return starts
    number, mark = int(first[1]), first[2]
    while True:
        number += 1
        glued = re.compile(rf"(?<=[^\W\d_]|[,;:!?)\]”\"'%]){number}{re.escape(mark)}[ \t]+(?=\S)")
        found = next((m for m in glued.finditer(item, starts[-1] + 1) if _is_upper(item, m)), None)
        if found is None:
            return starts
        starts.append(found.start())


def _at(item: str, starts: list[int]) -> Iterator[str]:
    for start, end in zip(starts, [*starts[1:], len(item)], strict=True):
        yield item[start:end].strip()
