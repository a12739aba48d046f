"""Decides which writing can be checked by recognising it again with the embedded engine.

Child processes import this module, so it imports nothing heavy.
"""

import unicodedata

MIN_CHECKED_CHARACTERS = 12
"""Smallest number of letters and digits that is checked; in shorter text one misread character weighs too much."""

MIN_LETTER_FRACTION = 0.6
"""Smallest part of them that must be letters; digits, formulas and leader dots are misread more often."""

_READABLE_SCRIPTS = ("LATIN", "CJK", "HIRAGANA", "KATAKANA")
"""Beginnings of the Unicode names of letters that the embedded engine's bundled models read.

They do not read Korean, Cyrillic, Greek, Arabic or Indic scripts.
"""


def folded(text: str) -> str:
    """Return the letters and digits alone, without accents, case and width, for comparing two readings of a text."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(filter(str.isalnum, plain))


def is_checkable(text: str) -> bool:
    """Return true if the embedded engine would read this same text where a page shows it."""
    plain = folded(text)
    letters = [character for character in plain if character.isalpha()]
    if len(plain) < MIN_CHECKED_CHARACTERS or len(letters) < MIN_LETTER_FRACTION * len(plain):
        return False
    return all(_is_readable(character) for character in letters)


def is_foreign(text: str) -> bool:
    """Return true if most of the letters are of a script that the embedded engine does not read."""
    letters = [character for character in text if character.isalpha()]
    return sum(not _is_readable(character) for character in letters) * 2 > len(letters)


def _is_readable(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith(_READABLE_SCRIPTS)
