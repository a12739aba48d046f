"""A font of nothing: every character is an empty glyph, half its size wide, that says which character it is.

The way of Tesseract and OCRmyPDF (ISO 32000-1, 9.10.3): invisible text needs no shapes, so one font serves every
script. Here each character of the document gets a code of its own, so that those beyond U+FFFF are one code too.
"""

import struct
from collections.abc import Iterable, Iterator

ASCENT, DESCENT = 0.8, 0.2
ADVANCE = 0.5
"""In the size of the type."""

_UNITS = 1000
_MAX_CODES = 0xFFFF
_RANGES_AT_ONCE = 100
"""More a `beginbfchar` may not hold."""


class Codes:
    """The codes of the characters that a document needs, from 1 in the order in which they come."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """The text as the hex digits of a PDF string. Of more than 65,535 characters, the last are not told apart."""
        return "".join(f"{self._code(character):04x}" for character in text)

    @property
    def characters(self) -> Iterable[str]:
        """Every character, in the order of the codes."""
        return self._codes

    def _code(self, character: str) -> int:
        if character not in self._codes and len(self._codes) >= _MAX_CODES:
            return 0
        return self._codes.setdefault(character, len(self._codes) + 1)


def to_unicode(codes: Codes) -> bytes:
    """The CMap from codes to characters."""
    pairs = [f"<{code:04x}> <{_utf16(character)}>" for code, character in enumerate(codes.characters, 1)]
    return "\n".join(["/CIDInit /ProcSet findresource begin", *_cmap_body(pairs), "end"]).encode("ascii")


def _cmap_body(pairs: list[str]) -> Iterator[str]:
    yield "12 dict begin begincmap"
    yield "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def"
    yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
    yield "1 begincodespacerange <0000> <ffff> endcodespacerange"
    for start in range(0, len(pairs), _RANGES_AT_ONCE):
        part = pairs[start : start + _RANGES_AT_ONCE]
        yield "\n".join([f"{len(part)} beginbfchar", *part, "endbfchar"])
    yield "endcmap CMapName currentdict /CMap defineresource pop end"


def _utf16(character: str) -> str:
    return character.encode("utf-16-be", "replace").hex()


def font_file() -> bytes:
    """A TrueType font of one empty glyph, with the tables that a font in a PDF needs (ISO 32000-1, 9.9)."""
    advance = round(ADVANCE * _UNITS)
    ascent, descent = round(ASCENT * _UNITS), -round(DESCENT * _UNITS)
    head = struct.pack(
        ">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _UNITS, 0, 0,
        0, descent, advance, ascent, 0, 8, 2, 0, 0,
    )  # fmt: skip
    hhea = struct.pack(">IhhhH11hH", 0x10000, ascent, descent, 0, advance, *[0] * 3, 1, *[0] * 7, 1)
    maxp = struct.pack(">IH13H", 0x10000, 1, *[0] * 3, 1, *[0] * 9)
    glyf, loca, hmtx = b"\0\0", struct.pack(">HH", 0, 0), struct.pack(">Hh", advance, 0)
    return _sfnt({b"glyf": glyf, b"head": head, b"hhea": hhea, b"hmtx": hmtx, b"loca": loca, b"maxp": maxp})


def _sfnt(tables: dict[bytes, bytes]) -> bytes:
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
