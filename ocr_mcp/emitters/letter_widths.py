"""Estimates the width of text by the letters of Helvetica, whose proportions are near to those of most body type."""

import unicodedata

_UNITS_PER_EM = 1000
_DEFAULT_WIDTH = 556
"""Width of a letter that is not listed: that of a digit and most lower-case letters, in units of 1/1000 em."""

_LETTERS_BY_WIDTH = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
"""Letters of Helvetica by their width in units of 1/1000 em, from Adobe's metrics of the standard PDF fonts."""

_WIDTHS = {letter: width for width, letters in _LETTERS_BY_WIDTH.items() for letter in letters}


def width_in_em(text: str) -> float:
    """Return the width of a text as a multiple of its type size."""
    return sum(map(_width, text)) / _UNITS_PER_EM


def is_wide(character: str) -> bool:
    """Return True for a Chinese, Japanese or Korean character, which is as wide as it is high."""
    return unicodedata.east_asian_width(character) in "WF"


def _width(character: str) -> int:
    if character in _WIDTHS:
        return _WIDTHS[character]
    if unicodedata.combining(character):
        return 0
    if is_wide(character):
        return _UNITS_PER_EM
    # A letter with an accent is as wide as the letter.
    base = unicodedata.normalize("NFD", character)[0]
    return _WIDTHS.get(base, _DEFAULT_WIDTH)
