"""Compose letters whose accent is drawn as a character of its own, as TeX does with fonts that lack the letter."""

import re
import unicodedata

_COMBINING = {
    "\u00b4": "\u0301",  # acute
    "\u02cb": "\u0300",  # grave
    "\u02c6": "\u0302",  # circumflex
    "\u02dc": "\u0303",  # tilde
    "\u00a8": "\u0308",  # diaeresis
    "\u02c7": "\u030c",  # caron
    "\u02d8": "\u0306",  # breve
    "\u02d9": "\u0307",  # dot above
    "\u02da": "\u030a",  # ring
    "\u02dd": "\u030b",  # double acute
}
"""The combining character for each accent that stands by itself."""
_ACCENTED = re.compile(f"([{''.join(_COMBINING)}])([A-Za-zı])")


def compose_accents(text: str) -> str:
    """Return the text with each accent put on the letter after it, where Unicode has such a letter."""
    return _ACCENTED.sub(_compose, text) if not text.isascii() else text


def _compose(match: re.Match[str]) -> str:
    # Accents are drawn over the dotless i, but composed letters begin with the plain one.
    """Return the accented letter of a match, or both characters unchanged where there is no such letter."""
    letter = {"ı": "i"}.get(match[2], match[2])
    composed = unicodedata.normalize("NFC", letter + _COMBINING[match[1]])
    return composed if len(composed) == 1 else match[0]
