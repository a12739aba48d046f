"""Checks the structure of JPEG files byte by byte, so that plain ones can be sent to an engine as they are.

Such a file comes from an untrusted document and reaches the engine's decoder. Only what every scanner writes is
therefore accepted: baseline, 8 bits, one scan, grey or YCbCr, tables of the right length, and an end marker
(ITU T.81, annex B). Metadata is left out.
"""

import re
import struct
from collections.abc import Iterator
from enum import IntEnum

_START = b"\xff\xd8"
_END = b"\xff\xd9"
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""The end of a coded picture: a 0xFF that is followed neither by a stuffed zero nor by a restart marker."""


class _Marker(IntEnum):
    """Markers of the segments that are kept."""

    BASELINE = 0xC0
    HUFFMAN = 0xC4
    SCAN = 0xDA
    QUANTISATION = 0xDB
    RESTARTS = 0xDD
    JFIF = 0xE0
    ADOBE = 0xEE


_NEEDED = frozenset({_Marker.QUANTISATION, _Marker.BASELINE, _Marker.HUFFMAN, _Marker.SCAN})
_DROPPED = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
"""Markers of application data (EXIF, colour profiles, thumbnails) and comments, which are left out."""


def plain_jpeg(data: bytes, size_px: tuple[int, int], channels: int) -> bytes | None:
    """Return the JPEG file without its metadata.

    None is returned if its width, height or number of channels (1 or 3) is not the expected one, if it is not of the
    plainest kind, or if it is cut short.
    """
    if not data.startswith(_START):
        return None
    kept, found = [_START], set[int]()
    for marker, start, stop in _segments(data):
        if marker in _DROPPED:
            continue
        if not _is_plain(marker, data[start + 4 : stop], size_px, channels):
            return None
        found.add(marker)
        kept.append(data[start:stop])
        if marker == _Marker.SCAN:
            coded = _coded_picture(data, stop)
            return b"".join((*kept, coded)) if coded and found >= _NEEDED else None
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and stop of each segment, up to and including the scan header.

    Ends early if the file is not well formed.
    """
    at = len(_START)
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        stop = at + 2 + length
        if length < 2 or stop > len(data):
            return
        yield marker, at, stop
        if marker == _Marker.SCAN:
            return
        at = stop


def _coded_picture(data: bytes, start: int) -> bytes | None:
    """Return the coded picture with its end marker, None if anything but padding follows that marker."""
    found = _MARKER_IN_SCAN.search(data, start)
    if found is None or found.group() != _END or data[found.end() :].strip(b"\0\r\n "):
        return None
    return data[start : found.end()]


def _is_plain(marker: int, body: bytes, size_px: tuple[int, int], channels: int) -> bool:
    match marker:
        case _Marker.BASELINE:
            plain = _is_plain_frame(body, size_px, channels)
        case _Marker.QUANTISATION:
            plain = _are_quantisation_tables(body)
        case _Marker.HUFFMAN:
            plain = _are_huffman_tables(body)
        case _Marker.SCAN:
            plain = _is_only_scan(body, channels)
        case _Marker.RESTARTS:
            plain = len(body) == 2
        case _Marker.ADOBE:  # Colour must be YCbCr, which readers assume anyway.
            plain = body[:5] == b"Adobe" and len(body) == 12 and (channels == 1 or body[11] == 1)
        case _Marker.JFIF:
            plain = body[:5] == b"JFIF\0" and len(body) == 14
        case _:
            plain = False
    return plain


def _is_plain_frame(body: bytes, size_px: tuple[int, int], channels: int) -> bool:
    if len(body) != 6 + 3 * channels or channels not in (1, 3):
        return False
    precision, height, width, count = struct.unpack_from(">BHHB", body)
    components = [body[at : at + 3] for at in range(6, len(body), 3)]
    sampled = all(each[1] >> 4 in (1, 2) and each[1] & 15 in (1, 2) and each[2] <= 3 for each in components)
    named_rgb = bytes(each[0] for each in components) == b"RGB"
    return (precision, width, height, count) == (8, *size_px, channels) and sampled and not named_rgb


def _are_quantisation_tables(body: bytes) -> bool:
    """Return true for one or more 8-bit tables of 64 values, numbered 0 to 3."""
    return bool(body) and len(body) % 65 == 0 and all(body[at] <= 3 for at in range(0, len(body), 65))


def _are_huffman_tables(body: bytes) -> bool:
    """Return true for one or more well-formed Huffman tables.

    A table is one byte for its class and number, 16 counts of codes by length, and as many values as there are codes.
    """
    at = 0
    while at + 17 <= len(body):
        kind, counts = body[at], body[at + 1 : at + 17]
        if kind >> 4 > 1 or kind & 15 > 3 or sum(counts) > 256 or _is_oversubscribed(counts):
            return False
        at += 17 + sum(counts)
    return at == len(body) > 0


def _is_oversubscribed(counts: bytes) -> bool:
    """Return true if there are more codes of some length than that many bits can tell apart."""
    free = 1
    for count in counts:
        free = 2 * free - count
        if free < 0:
            return True
    return False


def _is_only_scan(body: bytes, channels: int) -> bool:
    """Return true if the scan holds all components with all coefficients at full precision, as baseline requires."""
    return len(body) == 4 + 2 * channels and body[0] == channels and body[-3:] == b"\x00\x3f\x00"
