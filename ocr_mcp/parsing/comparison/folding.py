"""Reduces a text to what two readings of a page can share: letters and digits, each with its place in the raw text."""

import re
import unicodedata
from dataclasses import dataclass

Range = tuple[int, int]
"""0-based index of the first character, and of the one after the last."""

_MARKUP = re.compile(r"<[^<>]{1,200}>|\\[A-Za-z]+|!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)")
_MATHS = re.compile(r"\$\$?[^$]{1,2000}\$\$?|\\\([^\n]{1,2000}?\\\)|\\\[.{1,2000}?\\\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Folded:
    """The letters and digits of a text, without case, accents, ligatures and width.

    `places[i]` is the index in `raw` of the character that `text[i]` is made from. `unsure` holds the indexes of `text`
    that lie in formulas, which engines write in different ways.
    """

    raw: str
    text: str
    places: tuple[int, ...]
    unsure: frozenset[int]

    def words(self, at: Range) -> Range:
        """Return the range in the raw text of the whole words around a range of `text` that is not empty."""
        first, last = self.places[at[0]], self.places[at[1] - 1] + 1
        while first > 0 and not self.raw[first - 1].isspace():
            first -= 1
        while last < len(self.raw) and not self.raw[last].isspace():
            last += 1
        return first, last

    def begins_word(self, index: int) -> bool:
        """Return True if a word begins at an index of `text`; also at the index behind the last letter."""
        if index in (0, len(self.places)):
            return True
        return any(map(str.isspace, self.raw[self.places[index - 1] : self.places[index]]))


def fold(raw: str) -> Folded:
    """Fold a text to its letters and digits, without markup. Hyphens at line ends vanish like all punctuation."""
    # Markup becomes as many spaces, so that the places of all other characters stay the same.
    plain = _MARKUP.sub(lambda match: " " * len(match[0]), raw)
    formulas = {place for match in _MATHS.finditer(raw) for place in range(*match.span())}
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(plain):
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    unsure = {at for at, place in enumerate(places) if place in formulas}
    return Folded(raw, "".join(letters), tuple(places), frozenset(unsure))
