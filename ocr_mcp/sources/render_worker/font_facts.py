# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""What a PDF's fonts say of the meaning of their characters. Only the worker's process imports this."""

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


@dataclass(frozen=True, slots=True)
class FontFact:
    """`digest` of its glyphs and maps; `is_mapped`: a map or an encoding says what its characters mean."""

    digest: str
    is_mapped: bool


class FontFacts:
    """The fonts of one document, each looked at once."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._known: dict[int, FontFact] = {}

    def on_page(self, page: Any) -> dict[str, FontFact]:
        """By the name that the page's text has for them. Fonts of one name are one here; "" is for all that have none.

        A page's text names a font only, so what cannot be told apart stands or falls together.
        """
        named: dict[str, list[FontFact]] = {}
        for font in page.get_fonts(full=True):
            xref, kind, encoding = font[_XREF], font[_TYPE], font[_ENCODING]
            fact = self._known.get(xref) or self._fact(xref, kind, encoding)
            if xref > 0:
                self._known[xref] = fact
            named.setdefault("" if kind == "Type3" else font[_BASE_FONT], []).append(fact)
        return {name: _joined(facts) for name, facts in named.items()}

    def _fact(self, xref: int, kind: str, encoding: str) -> FontFact:
        if xref < 1:  # a font written out in the page's resources
            return FontFact("", kind in _NAMED_GLYPHS or bool(encoding))
        digest = hashlib.sha256()
        for part in self._parts(xref):
            digest.update(part)
        for descendant in self._descendants(xref):
            for part in self._parts(descendant):
                digest.update(part)
        return FontFact(digest.hexdigest()[:16], self._is_mapped(xref, kind, encoding))

    def _parts(self, xref: int) -> Iterator[bytes]:
        for key in _VALUES:
            yield self._document.xref_get_key(xref, key)[1].encode()
        for key in _STREAMS:
            kind, value = self._document.xref_get_key(xref, key)
            if kind == "xref":
                yield self._document.xref_stream_raw(int(value.split()[0])) or b""

    def _descendants(self, xref: int) -> list[int]:
        kind, value = self._document.xref_get_key(xref, "DescendantFonts")
        if kind == "xref":
            value = self._document.xref_object(int(value.split()[0]))
        return [int(number) for number in _REFERENCE.findall(value)[:1]]

    def _is_mapped(self, xref: int, kind: str, encoding: str) -> bool:
        """A Type 1 font's glyphs have names; those of other kinds need a map, an encoding or a known collection."""
        if self._document.xref_get_key(xref, "ToUnicode")[0] == "xref" or kind in _NAMED_GLYPHS:
            return True
        if kind == "Type0":
            return encoding not in _NO_MEANING or any(map(self._is_collected, self._descendants(xref)))
        return kind == "TrueType" and encoding != ""

    def _is_collected(self, xref: int) -> bool:
        """Whether a font's glyphs are numbered as in one of Adobe's collections (Adobe-Japan1 …)."""
        ordering = self._document.xref_get_key(xref, "CIDSystemInfo/Ordering")[1]
        return ordering not in ("Identity", "null", "")


def _joined(facts: list[FontFact]) -> FontFact:
    digests = sorted({fact.digest for fact in facts})
    is_mapped = all(fact.is_mapped for fact in facts)
    if len(digests) == 1:
        return FontFact(digests[0], is_mapped)
    return FontFact(hashlib.sha256("|".join(digests).encode()).hexdigest()[:16], is_mapped)
