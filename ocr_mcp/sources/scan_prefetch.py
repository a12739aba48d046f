"""Scans that come along with the answer that their page has no text: asking for each costs a page as much as the scan.

A document of scans is one page after the other without text, of one size, of which the scan is wanted next. So once
one was wanted, the question for the text of the next page says what will be wanted of that one.
"""

from collections import OrderedDict
from typing import TypeVar

from ocr_mcp.model.geometry import Size
from ocr_mcp.workers.frames import Header

MAX_KEPT = 16
"""Pages that were not drawn yet: nobody draws a page whose answer is known."""

_T = TypeVar("_T")


class ExpectedScans:
    """Of one document. A scan is only taken by who asks for just that drawing."""

    def __init__(self) -> None:
        self._expected: Header = {}
        self._undrawn: OrderedDict[int, Header] = OrderedDict()
        self._kept: OrderedDict[int, tuple[Header, bytes]] = OrderedDict()

    def wish(self, number: int) -> Header:
        """What is expected of a page, as an argument of the question for its text."""
        _put(self._undrawn, number, self._expected)
        return {"expected": self._expected} if self._expected else {}

    def keep(self, number: int, facts: Header, scan: bytes) -> None:
        """The scan that was wished for came along."""
        _put(self._kept, number, (facts, scan))

    def take(self, number: int, page_size: Size, drawing: Header) -> tuple[Header, bytes] | None:
        """The page's scan, with what is known of it, if it came along for just this drawing; once.

        The first drawing of a page is what is expected of the next one, too.
        """
        wished, came = self._undrawn.pop(number, None), self._kept.pop(number, None)
        if wished is None:
            return None
        self._expected = {"size": [page_size.width, page_size.height], "drawing": drawing}
        return came if wished == self._expected else None


def _put(entries: "OrderedDict[int, _T]", number: int, entry: _T) -> None:
    entries[number] = entry
    if len(entries) > MAX_KEPT:
        entries.popitem(last=False)
