"""How wide text is, roughly: the widths of Helvetica, which most body type is near to in its proportions."""

import unicodedata

_EM = 1000
_DEFAULT = 556
_BY_WIDTH = {
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
_WIDTHS = {letter: width for width, letters in _BY_WIDTH.items() for letter in letters}


def width_in_em(text: str) -> float:
    """The width of a text set in one size, in that size."""
    return sum(map(_width, text)) / _EM


def is_wide(character: str) -> bool:
    """Whether it is a Chinese, Japanese or Korean character, which fills a square."""
    return unicodedata.east_asian_width(character) in "WF"


def _width(character: str) -> int:
    if character in _WIDTHS:
        return _WIDTHS[character]
    if unicodedata.combining(character):
        return 0
    if is_wide(character):
        return _EM
    base = unicodedata.normalize("NFD", character)[0]
    return _WIDTHS.get(base, _DEFAULT)
