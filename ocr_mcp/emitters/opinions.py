"""Tells second opinions in words, and marks them in HTML."""

import re
from collections import Counter
from collections.abc import Sequence
from html import escape

from ocr_mcp.model.documents import Page
from ocr_mcp.model.second_opinions import Difference, DifferenceKind

_TAG = re.compile(r"(<[^<>]*>)")
_COUNT_PHRASES = {
    DifferenceKind.NUMBER: ("1 number differs", "{} numbers differ"),
    DifferenceKind.INVENTED: ("1 passage was not found on the page", "{} passages were not found on the page"),
    DifferenceKind.OMITTED: ("1 passage of the page is missing here", "{} passages of the page are missing here"),
}


def opinion_notice(page: Page) -> str:
    """Return the visible line under a page whose second reading differs in numbers or whole passages; else empty.

    Other words are not counted, because each engine misreads some letters.
    """
    opinion = page.second_opinion
    counts = Counter(difference.kind for difference in opinion.differences) if opinion else Counter[DifferenceKind]()
    told = [
        one if counts[kind] == 1 else many.format(counts[kind])
        for kind, (one, many) in _COUNT_PHRASES.items()
        if counts[kind]
    ]
    if opinion is None or opinion.agreement is None or not told:
        return ""
    return f"> Page {page.number} was read a second time ({opinion.agreement:.0%} agree): {'; '.join(told)}."


def opinion_summary(page: Page) -> str | None:
    """Return a sentence about the second opinion of a page; None if none was asked for."""
    opinion = page.second_opinion
    if opinion is None:
        return None
    if opinion.agreement is None:
        return f"No second opinion: {opinion.reason}"
    count = len(opinion.differences) + opinion.unlisted
    passages = "1 passage differs" if count == 1 else f"{count} passages differ"
    return f"A second reading agrees by {opinion.agreement:.0%}; {passages if count else 'nothing differs'}."


def mark_differences(html: str, differences: Sequence[Difference]) -> str:
    """Mark each differing passage in the text of the HTML, with the second reading as its title.

    Tags are not changed. A passage that runs over a tag, or is not found, is not marked.
    """
    parts = _TAG.split(html)
    for difference in differences:
        read = escape(difference.read)
        place = next((at for at in range(0, len(parts), 2) if read and read in parts[at]), None)
        if place is not None:
            before, after = parts[place].split(read, maxsplit=1)
            mark = f'<mark class="{difference.kind.value}" title="{escape(_mark_title(difference))}">'
            parts[place : place + 1] = [before, mark, read, "</mark>", after]
    return "".join(parts)


def _mark_title(difference: Difference) -> str:
    seen = " ".join(difference.seen.split())
    return f"Second reading: {seen}" if seen else "Not found on the page by the second reading"
