"""Builds a font without shapes: every character is an empty glyph, half as wide as the font size.

Invisible text needs no shapes, so one font serves every script; a CMap says which character a code means
(ISO 32000-1, 9.10.3). Tesseract and OCRmyPDF do the same. Here each character of the document gets a code of its own,
so that a character beyond U+FFFF is one code as well.
"""

import struct
from collections.abc import Iterable, Iterator

ASCENT_EM, DESCENT_EM = 0.8, 0.2
"""Height above and below the baseline, in font sizes."""
ADVANCE_EM = 0.5
"""Width of every glyph, in font sizes."""

_UNITS_PER_EM = 1000
"""Units of the font file in one font size."""

_MAX_CODES = 0xFFFF
_MAX_MAPPINGS = 100
"""Largest number of mappings that one `beginbfchar` may hold."""


class Codes:
    """The codes of a document's characters, counted from 1 in the order in which the characters are first encoded."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """Return the text as the hex digits of a PDF string, four for each character.

        Beyond 65,535 different characters, all further ones get code 0, which means no character.
        """
        return "".join(f"{self._assign_code(character):04x}" for character in text)

    @property
    def characters(self) -> Iterable[str]:
        """All encoded characters, in the order of their codes."""
        return self._codes

    def _assign_code(self, character: str) -> int:
        if character not in self._codes and len(self._codes) >= _MAX_CODES:
            return 0
        return self._codes.setdefault(character, len(self._codes) + 1)


def write_cmap(codes: Codes) -> bytes:
    """Return the CMap that maps codes to characters."""
    pairs = [f"<{code:04x}> <{_encode_utf16(character)}>" for code, character in enumerate(codes.characters, 1)]
    return "\n".join(["/CIDInit /ProcSet findresource begin", *_cmap_body(pairs), "end"]).encode("ascii")


def _cmap_body(pairs: list[str]) -> Iterator[str]:
    yield "12 dict begin begincmap"
    yield "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def"
    yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
    yield "1 begincodespacerange <0000> <ffff> endcodespacerange"
    for start in range(0, len(pairs), _MAX_MAPPINGS):
        part = pairs[start : start + _MAX_MAPPINGS]
        yield "\n".join([f"{len(part)} beginbfchar", *part, "endbfchar"])
    yield "endcmap CMapName currentdict /CMap defineresource pop end"


def _encode_utf16(character: str) -> str:
    return character.encode("utf-16-be", "replace").hex()


def build_font_file() -> bytes:
    """Return a TrueType font of one empty glyph, with the tables that a font in a PDF needs (ISO 32000-1, 9.9)."""
    advance = round(ADVANCE_EM * _UNITS_PER_EM)
    ascent, descent = round(ASCENT_EM * _UNITS_PER_EM), -round(DESCENT_EM * _UNITS_PER_EM)
    head = struct.pack(
        ">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _UNITS_PER_EM, 0, 0,
        0, descent, advance, ascent, 0, 8, 2, 0, 0,
    )  # fmt: skip
    hhea = struct.pack(">IhhhH11hH", 0x10000, ascent, descent, 0, advance, *[0] * 3, 1, *[0] * 7, 1)
    maxp = struct.pack(">IH13H", 0x10000, 1, *[0] * 3, 1, *[0] * 9)
    glyf, loca, hmtx = b"\0\0", struct.pack(">HH", 0, 0), struct.pack(">Hh", advance, 0)
    return _pack_font({b"glyf": glyf, b"head": head, b"hhea": hhea, b"hmtx": hmtx, b"loca": loca, b"maxp": maxp})


def _pack_font(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    directory = struct.pack(">IHHHH", 0x10000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    body, offset = b"", len(directory) + 16 * count
    for tag, table in sorted(tables.items()):
        padded = table + b"\0" * (-len(table) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, checksum, offset + len(body), len(table))
        body += padded
    return directory + body
