# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyMuPDF is only partly typed.
"""Extracts the JPEG file from a PDF page that consists of one scan, instead of drawing the page.

Drawing decodes the scan, scales it and compresses it a second time, which costs 25 to 40 ms of processor time and some
quality, for a picture that was there already (docs/benchmarks.md). Only the worker's process imports this module.
"""

import re
from dataclasses import dataclass
from typing import Any

from ocr_mcp.sources.render_worker.plain_jpeg import plain_jpeg

_CHANNELS = {"DeviceGray": (1,), "CalGray": (1,), "DeviceRGB": (3,), "CalRGB": (3,), "ICCBased": (1, 3)}
_CHANGING_ENTRIES = ("SMask", "Mask", "Decode", "DecodeParms", "ImageMask", "OC", "Alternates")
"""Entries of an image's dictionary that change what its bytes show."""
_CHANGES_THE_PICTURE = re.compile(rb"(?<![A-Za-z/*'\"])(?:W\*?|gs|sh)(?![A-Za-z*'\"])")
"""Operators for clipping, transparency and shadings.

The pattern also matches inside a string of the page. Such a page is drawn, which is slower and not wrong.
"""
_MATRIX_OPERATOR = re.compile(rb"(?<![A-Za-z/])cm(?![A-Za-z])")
_NUMBER = re.compile(rb"[+-]?[0-9]{0,9}(?:\.[0-9]{0,9})?")
_EDGE_TOLERANCE = 0.005
"""Distance that the scan's edges may have from the page's, as a part of the page's size.

Boxes that are found on the scan are wrong by no more than that on the page.
"""
_MAX_CONTENT_BYTES = 200_000
"""Size of the page's drawing instructions up to which they are examined; the words behind a scan take less."""


@dataclass(frozen=True, slots=True)
class WholeScan:
    """A JPEG file, and its width and height in pixels."""

    data: bytes
    size_px: tuple[int, int]


def whole_scan(document: Any, page: Any) -> WholeScan | None:
    """Return the scan that the page consists of, if it is shown upright and nothing else is; invisible text may be.

    None is returned in every case of doubt. The cheapest checks come first.
    """
    images = page.get_images(full=True)
    if len(images) != 1 or page.rotation or _has_any(document, page.xref, ("Annots",)) or page.get_xobjects():
        return None
    xref, soft_mask, width, height, bits, colour_space, _, _, encoding, container = images[0]
    if (soft_mask, bits, encoding, container) != (0, 8, "DCTDecode", 0) or _has_any(document, xref, _CHANGING_ENTRIES):
        return None
    if document.xref_get_key(xref, "Filter")[0] != "name" or not _is_upright(page.read_contents()):
        return None
    if not _fills_page(page):
        return None
    return _extract_plain_jpeg(document.xref_stream_raw(xref), (width, height), _CHANNELS.get(colour_space, ()))


def _extract_plain_jpeg(data: bytes, size_px: tuple[int, int], channels: tuple[int, ...]) -> WholeScan | None:
    found = (plain_jpeg(data, size_px, count) for count in channels)
    return next((WholeScan(jpeg, size_px) for jpeg in found if jpeg is not None), None)


def _has_any(document: Any, xref: int, keys: tuple[str, ...]) -> bool:
    return any(document.xref_get_key(xref, key)[0] != "null" for key in keys)


def _fills_page(page: Any) -> bool:
    """Return true if one picture over the whole page is all that is painted, apart from invisible text."""
    drawn = [(kind, box) for kind, box in page.get_bboxlog() if kind != "ignore-text"]
    if len(drawn) != 1 or drawn[0][0] != "fill-image":
        return False
    size = (page.rect.width, page.rect.height) * 2
    return all(abs(a - b) <= _EDGE_TOLERANCE * edge for a, b, edge in zip(drawn[0][1], page.rect, size, strict=True))


def _is_upright(content: bytes) -> bool:
    """Return true if every matrix only moves and enlarges, and nothing clips or shades the picture."""
    if len(content) > _MAX_CONTENT_BYTES or _CHANGES_THE_PICTURE.search(content):
        return False
    words = content.split()
    places = [at for at, word in enumerate(words) if word == b"cm"]
    if not places or len(places) != len(_MATRIX_OPERATOR.findall(content)):
        return False
    return all(_only_enlarges(words[max(0, at - 6) : at]) for at in places)


def _only_enlarges(matrix: list[bytes]) -> bool:
    if len(matrix) != 6 or not all(_NUMBER.fullmatch(word) and word.strip(b"+-.") for word in matrix):
        return False
    a, b, c, d = map(float, matrix[:4])
    return a > 0 and d > 0 and b == c == 0
