"""Words that a line end broke in two: joined where that is safe, in whatever language.

A hyphen between two lower-case letters is taken for the line's, unless the page itself, or the words around it, show
that it belongs to the word. Maths and code are left alone.
"""

import re
from collections.abc import Iterable

from ocr_mcp.model.blocks import Block, BlockLabel

LINE_END = "\u2028"
"""Where `joined_lines` closed up a line that ends with a hyphen. `with_whole_words` takes all of them out."""

_PROSE = frozenset(BlockLabel) - {BlockLabel.CODE, BlockLabel.FORMULA, BlockLabel.TABLE}
_LEFT_ALONE = re.compile(r"(\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|`[^`\n]*`)", re.DOTALL)
_BROKEN = re.compile(
    r"(?P<before>\S?)\b(?P<head>\w+)(?P<hyphen>[-\u2010\u00ad])"
    rf"(?P<end>{LINE_END}|[ \t]*\n[ \t]*)(?P<tail>\w+)"
)
_WORD = re.compile(r"\w+(?:[-\u2010]\w+)*")
_PART_OF_MORE = frozenset("-\u2010\\/@._:")
_COMPOUNDS = frozenset({"self", "well", "high", "low", "half", "non", "cross"})
"""Beginnings of English compounds after which no syllable ends a line by itself."""
_CONJUNCTIONS = frozenset(
    ["und", "oder", "bzw", "sowie", "bis", "and", "or", "to", "et", "ou", "y", "o", "e", "ed", "en", "of", "och", "og"]
)
"""After these the hyphen stands for a word that follows: `Vor- und Nachteile`, `two- or threefold`."""


def with_whole_words(blocks: Iterable[Block], *, join: bool) -> tuple[Block, ...]:
    """The blocks of a page with their broken words joined; with `join` False all hyphens stay."""
    blocks = tuple(blocks)
    if not any(_has_line_ends(block) for block in blocks):
        return blocks
    known = _known_words(blocks) if join else frozenset[str]()
    return tuple(_whole(block, known, join=join) if block.label in _PROSE else block for block in blocks)


def _has_line_ends(block: Block) -> bool:
    return "\n" in block.text or LINE_END in block.text


def _known_words(blocks: tuple[Block, ...]) -> frozenset[str]:
    """All words that the page has unbroken, those with hyphens too."""
    texts = (_BROKEN.sub(" ", block.text) for block in blocks if block.label in _PROSE)
    return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))


def _whole(block: Block, known: frozenset[str], *, join: bool) -> Block:
    if not _has_line_ends(block):
        return block
    parts = _LEFT_ALONE.split(block.text)
    if join:
        parts[::2] = [_BROKEN.sub(lambda match: _mended(match, known), part) for part in parts[::2]]
    text = "".join(parts).replace(LINE_END, "")
    return block if text == block.text else block.model_copy(update={"text": text})


def _mended(match: re.Match[str], known: frozenset[str]) -> str:
    before, head, hyphen, end, tail = match.groups()
    start = f"{before}{head}"
    if hyphen == "\u00ad":
        return f"{start}{tail}"
    if tail in _CONJUNCTIONS:
        return f"{start}{hyphen}{' ' if end == LINE_END else end}{tail}"
    if not (head[-1:].islower() and tail[:1].islower() and head.isalpha() and min(len(head), len(tail)) > 1):
        return match[0]
    if before in _PART_OF_MORE or _keeps_hyphen(head, tail, known):
        return f"{start}{hyphen}{tail}"
    return f"{start}{tail}"


def _keeps_hyphen(head: str, tail: str, known: frozenset[str]) -> bool:
    """What the page says counts first, then what is known of English."""
    head, tail = head.casefold(), tail.casefold()
    if f"{head}-{tail}" in known or f"{head}\u2010{tail}" in known:
        return True
    return f"{head}{tail}" not in known and head in _COMPOUNDS
