# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyMuPDF is only partly typed.
"""A PDF page that is one scan and nothing else, taken out as it is instead of being drawn.

Drawing a page decodes the scan, scales it and compresses it a second time: 25 to 40 ms of processor time and a loss of
quality, for the picture that was there already (docs/benchmarks.md). Only the worker's process imports this.
"""

import re
from dataclasses import dataclass
from typing import Any

from ocr_mcp.sources.render_worker.plain_jpeg import plain_jpeg

_CHANNELS = {"DeviceGray": (1,), "CalGray": (1,), "DeviceRGB": (3,), "CalRGB": (3,), "ICCBased": (1, 3)}
_SHOWN_OTHERWISE = ("SMask", "Mask", "Decode", "DecodeParms", "ImageMask", "OC", "Alternates")
"""Entries of an image that change what its bytes show."""
_CHANGES_THE_PICTURE = re.compile(rb"(?<![A-Za-z/*'\"])(?:W\*?|gs|sh)(?![A-Za-z*'\"])")
"""Clipping, transparency and shadings. Found in a string of the page too, which then is drawn: slow, not wrong."""
_MATRIX_OPERATOR = re.compile(rb"(?<![A-Za-z/])cm(?![A-Za-z])")
_NUMBER = re.compile(rb"[+-]?[0-9]{0,9}(?:\.[0-9]{0,9})?")
_TOLERANCE = 0.005
"""How far the scan's edges may be from the page's, as a part of its size: boxes are then off by no more."""
_MAX_CONTENT_BYTES = 200_000
"""Instructions of a page; more than the words behind a scan take."""


@dataclass(frozen=True, slots=True)
class WholeScan:
    """The JPEG file and its width and height in pixels."""

    data: bytes
    size_px: tuple[int, int]


def whole_scan(document: Any, page: Any) -> WholeScan | None:
    """The scan that the page consists of, if it shows nothing else and the scan upright; invisible text may be there.

    None in every case of doubt. What is cheap to find out comes first.
    """
    images = page.get_images(full=True)
    if len(images) != 1 or page.rotation or _has_any(document, page.xref, ("Annots",)) or page.get_xobjects():
        return None
    xref, soft_mask, width, height, bits, colour_space, _, _, encoding, container = images[0]
    if (soft_mask, bits, encoding, container) != (0, 8, "DCTDecode", 0) or _has_any(document, xref, _SHOWN_OTHERWISE):
        return None
    if document.xref_get_key(xref, "Filter")[0] != "name" or not _is_upright(page.read_contents()):
        return None
    if not _fills_page(page):
        return None
    return _plain(document.xref_stream_raw(xref), (width, height), _CHANNELS.get(colour_space, ()))


def _plain(data: bytes, size_px: tuple[int, int], channels: tuple[int, ...]) -> WholeScan | None:
    found = (plain_jpeg(data, size_px, count) for count in channels)
    return next((WholeScan(jpeg, size_px) for jpeg in found if jpeg is not None), None)


def _has_any(document: Any, xref: int, keys: tuple[str, ...]) -> bool:
    return any(document.xref_get_key(xref, key)[0] != "null" for key in keys)


def _fills_page(page: Any) -> bool:
    """Whether one picture is painted, over the whole page, and nothing else but invisible text."""
    drawn = [(kind, box) for kind, box in page.get_bboxlog() if kind != "ignore-text"]
    if len(drawn) != 1 or drawn[0][0] != "fill-image":
        return False
    size = (page.rect.width, page.rect.height) * 2
    return all(abs(a - b) <= _TOLERANCE * edge for a, b, edge in zip(drawn[0][1], page.rect, size, strict=True))


def _is_upright(content: bytes) -> bool:
    """Whether every matrix only moves and enlarges, and nothing cuts or shades the picture."""
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
