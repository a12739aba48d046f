"""Cuts the text of a document into results that fit a client. Pure.

The text of a document is one piece per page; the pieces joined are exactly the text that `ocr-mcp read` prints.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a document's text. Indexes are positions in the list of asked pages, 0-based.

    It holds the pages from `start` up to, not including, `end`; `next_index` and `next_offset` are where the text goes
    on, None and 0 at the end of the document. `waits` is True if it would be longer with the next page ready.
    """

    text: str
    start: int
    end: int
    next_index: int | None
    next_offset: int
    waits: bool


def cut_slice(piece: Callable[[int], str | None], count: int, *, index: int, offset: int, max_chars: int) -> Slice:
    """Return the longest slice of ready pages from `offset` characters into page `index`, at most `max_chars` long.

    `piece` gives the text of a page, None while it is not ready; `count` is the number of pages. Pages are kept whole,
    except one that alone is larger than `max_chars`: that one is cut, at a line end where there is one.
    """
    texts: list[str] = []
    room = max_chars
    at = index
    while at < count:
        text = piece(at)
        if text is None:
            return Slice("".join(texts), index, at, at, offset if at == index else 0, waits=True)
        rest = text[offset:] if at == index else text
        if len(rest) > room:
            return _full(texts, rest, index=index, at=at, offset=offset, max_chars=max_chars)
        texts.append(rest)
        room -= len(rest)
        at += 1
    return Slice("".join(texts), index, at, None, 0, waits=False)


def _full(texts: list[str], rest: str, *, index: int, at: int, offset: int, max_chars: int) -> Slice:
    if texts:
        return Slice("".join(texts), index, at, at, 0, waits=False)
    cut = _line_end(rest, max_chars)
    return Slice(rest[:cut], index, at + 1, at, offset + cut, waits=False)


def _line_end(text: str, limit: int) -> int:
    """Return the index to cut at: after the last line end within the limit, unless that is in the first half."""
    end = text.rfind("\n", 0, limit) + 1
    return end if end > limit // 2 else limit
