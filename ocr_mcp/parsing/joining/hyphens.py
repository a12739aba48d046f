"""Joins words that a line end broke in two, where that is safe in any language.

A hyphen between two lower-case letters was added by the line break, unless the rest of the page or the characters
around it show that it belongs to the word. Mathematics and code are not changed.
"""

import re
from collections.abc import Iterable

from ocr_mcp.model.blocks import Block, BlockLabel

LINE_END = "\u2028"
"""Unicode's line separator: `joined_lines` puts it between two lines of which the first ends with a hyphen.

`join_broken_words` removes all of them, so that no output contains one.
"""

_PROSE_LABELS = frozenset(BlockLabel) - {BlockLabel.CODE, BlockLabel.FORMULA, BlockLabel.TABLE}
_MATHS_OR_CODE = re.compile(r"(\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|`[^`\n]*`)", re.DOTALL)
_BROKEN_WORD = re.compile(
    r"(?P<before>\S?)\b(?P<head>\w+)(?P<hyphen>[-\u2010\u00ad])"
    rf"(?P<end>{LINE_END}|[ \t]*\n[ \t]*)(?P<tail>\w+)"
)
_WORD = re.compile(r"\w+(?:[-\u2010]\w+)*")
_COMPOUND_MARKS = frozenset("-\u2010\\/@._:")
_COMPOUNDS = frozenset({"self", "well", "high", "low", "half", "non", "cross"})
"""First parts of English compounds that are written with a hyphen: the line was broken there because of it."""
_CONJUNCTIONS = frozenset(
    ["und", "oder", "bzw", "sowie", "bis", "and", "or", "to", "et", "ou", "y", "o", "e", "ed", "en", "of", "och", "og"]
)
"""Words before which a hyphen stands for a part that follows later: `Vor- und Nachteile`, `two- or threefold`."""


def join_broken_words(blocks: Iterable[Block], *, join: bool) -> tuple[Block, ...]:
    """Return the blocks of a page with words joined that line ends broke; with `join` False all hyphens stay.

    In both cases no `LINE_END` is left in prose.
    """
    blocks = tuple(blocks)
    if not any(_has_line_ends(block) for block in blocks):
        return blocks
    known = _known_words(blocks) if join else frozenset[str]()
    return tuple(_join_in_block(block, known, join=join) if block.label in _PROSE_LABELS else block for block in blocks)


def _has_line_ends(block: Block) -> bool:
    return "\n" in block.text or LINE_END in block.text


def _known_words(blocks: tuple[Block, ...]) -> frozenset[str]:
    """Return all words that stand unbroken on the page, in lower case, those with a hyphen included."""
    texts = (_BROKEN_WORD.sub(" ", block.text) for block in blocks if block.label in _PROSE_LABELS)
    return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))


def _join_in_block(block: Block, known: frozenset[str], *, join: bool) -> Block:
    if not _has_line_ends(block):
        return block
    parts = _MATHS_OR_CODE.split(block.text)
    if join:
        parts[::2] = [_BROKEN_WORD.sub(lambda match: _mend(match, known), part) for part in parts[::2]]
    text = "".join(parts).replace(LINE_END, "")
    return block if text == block.text else block.model_copy(update={"text": text})


def _mend(match: re.Match[str], known: frozenset[str]) -> str:
    """Return the text for a word broken at a line end: joined, with its hyphen, or as it stands."""
    before, head, hyphen, end, tail = match.groups()
    start = f"{before}{head}"
    if hyphen == "\u00ad":  # a soft hyphen says by itself that it is only the line's
        return f"{start}{tail}"
    if tail in _CONJUNCTIONS:
        return f"{start}{hyphen}{' ' if end == LINE_END else end}{tail}"
    if not (head[-1:].islower() and tail[:1].islower() and head.isalpha() and min(len(head), len(tail)) > 1):
        return match[0]
    if before in _COMPOUND_MARKS or _keeps_hyphen(head, tail, known):
        return f"{start}{hyphen}{tail}"
    return f"{start}{tail}"


def _keeps_hyphen(head: str, tail: str, known: frozenset[str]) -> bool:
    """Return True if the hyphen belongs to the word: first by the words of the page, then by English compounds."""
    head, tail = head.casefold(), tail.casefold()
    if f"{head}-{tail}" in known or f"{head}\u2010{tail}" in known:
        return True
    return f"{head}{tail}" not in known and head in _COMPOUNDS
