"""Which writing can be checked by recognising it again. Imported by child processes: nothing heavy here."""

import unicodedata

CHECKED_CHARACTERS = 12
"""Fewer letters and digits than these say little: one misread is then a large part."""

CHECKED_LETTERS = 0.6
"""The part of them that must be letters: digits, formulas and leader dots are misread more often."""

_READ = ("LATIN", "CJK", "HIRAGANA", "KATAKANA")
"""What the embedded engine's bundled models read; not Korean, Cyrillic, Greek, Arabic or Indic."""


def folded(text: str) -> str:
    """Letters and digits alone, without accents, case and width: what two readings of one text should share."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(filter(str.isalnum, plain))


def is_checkable(text: str) -> bool:
    """Whether the embedded engine would read this text the same, if it is what the page shows."""
    plain = folded(text)
    letters = [character for character in plain if character.isalpha()]
    if len(plain) < CHECKED_CHARACTERS or len(letters) < CHECKED_LETTERS * len(plain):
        return False
    return all(_is_read(character) for character in letters)


def is_foreign(text: str) -> bool:
    """Whether most of the letters are of a script that the embedded engine does not read."""
    letters = [character for character in text if character.isalpha()]
    return sum(not _is_read(character) for character in letters) * 2 > len(letters)


def _is_read(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith(_READ)
