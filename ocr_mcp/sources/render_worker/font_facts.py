# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""Finds out if the fonts of a PDF say which characters their glyphs mean.

Only the worker's process imports this module.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_STREAMS = ("ToUnicode", "FontDescriptor/FontFile", "FontDescriptor/FontFile2", "FontDescriptor/FontFile3")
_VALUES = ("Subtype", "BaseFont", "Encoding", "Encoding/Differences", "CharProcs", "FirstChar")
_REFERENCE = re.compile(r"(\d+) \d+ R")
_NO_MEANING = ("Identity-H", "Identity-V", "")
_NAMED_GLYPHS = ("Type1", "MMType1")
_XREF, _TYPE, _BASE_FONT, _ENCODING = 0, 2, 3, 5
"""Indexes of the fields in a row of `Page.get_fonts`."""


@dataclass(frozen=True, slots=True)
class FontFact:
    """The facts about one font that decide if its text can be trusted.

    `digest` is the first 16 hex digits of the SHA-256 of its glyphs and maps, empty for a font without an object of its
    own. `is_mapped` is true if a map or an encoding says which characters its codes mean.
    """

    digest: str
    is_mapped: bool


class FontFacts:
    """Reads the fonts of one document, each font once."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._known: dict[int, FontFact] = {}

    def read_page_fonts(self, page: Any) -> dict[str, FontFact]:
        """Return the facts about the fonts of a page, by the name that the page's text gives them.

        Text spans carry only the name of their font. Fonts of one name are therefore merged into one fact, which is
        mapped only if all of them are. Type 3 fonts have no name; all of them are under "".
        """
        named: dict[str, list[FontFact]] = {}
        for font in page.get_fonts(full=True):
            xref, kind, encoding = font[_XREF], font[_TYPE], font[_ENCODING]
            fact = self._known.get(xref) or self._read_fact(xref, kind, encoding)
            if xref > 0:
                self._known[xref] = fact
            named.setdefault("" if kind == "Type3" else font[_BASE_FONT], []).append(fact)
        return {name: _merge_facts(facts) for name, facts in named.items()}

    def _read_fact(self, xref: int, kind: str, encoding: str) -> FontFact:
        if xref < 1:  # The font is written directly into the page's resources and is no object.
            return FontFact("", kind in _NAMED_GLYPHS or bool(encoding))
        digest = hashlib.sha256()
        for part in self._read_definition(xref):
            digest.update(part)
        for descendant in self._find_descendants(xref):
            for part in self._read_definition(descendant):
                digest.update(part)
        return FontFact(digest.hexdigest()[:16], self._is_mapped(xref, kind, encoding))

    def _read_definition(self, xref: int) -> Iterator[bytes]:
        for key in _VALUES:
            yield self._document.xref_get_key(xref, key)[1].encode()
        for key in _STREAMS:
            kind, value = self._document.xref_get_key(xref, key)
            if kind == "xref":
                yield self._document.xref_stream_raw(int(value.split()[0])) or b""

    def _find_descendants(self, xref: int) -> list[int]:
        kind, value = self._document.xref_get_key(xref, "DescendantFonts")
        if kind == "xref":
            value = self._document.xref_object(int(value.split()[0]))
        return [int(number) for number in _REFERENCE.findall(value)[:1]]

    def _is_mapped(self, xref: int, kind: str, encoding: str) -> bool:
        """Return true if the meaning of the font's codes is known.

        The glyphs of a Type 1 font have names that say it. Other kinds need a ToUnicode map, an encoding, or glyphs
        that are numbered as in a known collection.
        """
        if self._document.xref_get_key(xref, "ToUnicode")[0] == "xref" or kind in _NAMED_GLYPHS:
            return True
        if kind == "Type0":
            return encoding not in _NO_MEANING or any(map(self._is_collected, self._find_descendants(xref)))
        return kind == "TrueType" and encoding != ""

    def _is_collected(self, xref: int) -> bool:
        """Return true if the font's glyphs are numbered as in one of Adobe's collections (Adobe-Japan1 …)."""
        ordering = self._document.xref_get_key(xref, "CIDSystemInfo/Ordering")[1]
        return ordering not in ("Identity", "null", "")


def _merge_facts(facts: list[FontFact]) -> FontFact:
    digests = sorted({fact.digest for fact in facts})
    is_mapped = all(fact.is_mapped for fact in facts)
    if len(digests) == 1:
        return FontFact(digests[0], is_mapped)
    return FontFact(hashlib.sha256("|".join(digests).encode()).hexdigest()[:16], is_mapped)
