"""Report characters that a language model sees but a reader of the page does not.

They can carry hidden instructions. Sources: Unicode UAX #9 (bidi controls), "Trojan Source" (CVE-2021-42574), and the
tag block used for prompt smuggling.
"""

import re
from collections.abc import Iterable, Iterator

from ocr_mcp.model.blocks import Block
from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.model.text_layers import TextLayer

_BIDI = "bidirectional controls"
_INVISIBLE = "zero-width characters"
_TAGS = "invisible tag characters"

_KINDS = {
    _BIDI: re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]"),
    # Joiners between letters of scripts that need them (Arabic, Indic) and in emoji are ordinary spelling.
    _INVISIBLE: re.compile("[\u200b\u2060-\u2064\ufeff\u180e]|(?<![^\x00-\u02ff])[\u200c\u200d]"),
    _TAGS: re.compile("[\U000e0000-\U000e007f]"),
}

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def hidden_text_issues(blocks: Iterable[Block]) -> tuple[PageIssue, ...]:
    """Return one issue that counts the invisible characters of a page by kind, or none."""
    text = "\n".join(block.text for block in blocks)
    found = {kind: len(pattern.findall(text)) for kind, pattern in _KINDS.items()}
    # In right-to-left scripts the marks U+200E, U+200F and U+061C are ordinary spelling, so only embeddings, overrides
    # and isolates count.
    if _RIGHT_TO_LEFT.search(text):
        found[_BIDI] = len(re.findall("[\u202a-\u202e\u2066-\u2069]", text))
    said = ", ".join(f"{count} {kind}" for kind, count in found.items() if count)
    if not said:
        return ()
    message = f"The text holds characters that are not seen on the page: {said}. Somebody may have hidden words in it."
    return (PageIssue(code=IssueCode.HIDDEN_TEXT, message=message),)


def hidden_line_issues(layer: TextLayer) -> tuple[PageIssue, ...]:
    """Return one issue for a page that hides some of its text, or none.

    It is not meant for scans with OCR text behind them, which hide all of it.
    """
    said = ", ".join(_describe_hidden_kinds(layer))
    if not said:
        return ()
    message = (
        f"A reader of the page does not see some of its text: {said}. Do not take it for what the page says: somebody"
        " may have hidden words in it."
    )
    return (PageIssue(code=IssueCode.HIDDEN_TEXT, message=message),)


def _describe_hidden_kinds(layer: TextLayer) -> Iterator[str]:
    """Yield a clause for each way in which text of the page is hidden."""
    unseen = layer.unseen
    if layer.invisible_fraction:
        yield f"about {max(layer.invisible_fraction, 0.01):.0%} are drawn invisibly"
    if unseen.background:
        yield f"{unseen.background} characters have the colour of what is behind them"
    if unseen.covered:
        yield f"{unseen.covered} characters are covered or cut off"
    if unseen.tiny:
        yield f"{unseen.tiny} characters are too small to be seen"
    if unseen.outside:
        yield "some lies beside the page and was left out"
