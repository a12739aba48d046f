"""Parses page lists as people write them: `all`, `3`, `1-5,8`, `10-`."""

import re
from collections.abc import Iterator

from ocr_mcp.errors import PageRangeError

_PART = re.compile(r"(?P<first>\d{1,9})(?P<dash>\s*-\s*(?P<last>\d{1,9})?)?")


def parse_page_list(pages: str, *, total: int) -> tuple[int, ...]:
    """Return the 1-based page numbers that `pages` names, in that order and each once.

    `total` is the number of pages of the document; an empty list means all of them, and `5-3` counts down. Raises
    `PageRangeError` for a page that the document does not have and for text that is not a page list.
    """
    if pages.strip().lower() in ("", "all"):
        return tuple(range(1, total + 1))
    numbers = (number for part in pages.split(",") for number in _part_numbers(part.strip(), total))
    return tuple(dict.fromkeys(numbers))


def _part_numbers(part: str, total: int) -> Iterator[int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise PageRangeError(
            f"'{part[:40]}' is not a page or a range of pages.", hint="Write pages like 'all', '3' or '1-5,8'."
        )
    first = int(match["first"])
    last = first if match["dash"] is None else int(match["last"] or total)
    for number in (first, last):
        if not 1 <= number <= total:
            raise page_missing(number, total)
    step = 1 if first <= last else -1
    return iter(range(first, last + step, step))


def page_missing(number: int, total: int) -> PageRangeError:
    """Return the error for a page `number` that is not within 1 to `total`."""
    have, ask = ("1 page", "page 1") if total == 1 else (f"{total} pages", f"a page from 1 to {total}")
    return PageRangeError(f"The document has {have}; there is no page {number}.", hint=f"Ask for {ask}.")
