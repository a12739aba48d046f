"""JPEG files that may be passed on as they are: their structure is checked byte by byte, metadata is left out.

What a stranger's file holds reaches an engine's decoder this way, so only what every scanner writes is let through:
baseline, 8 bits, one scan, grey or YCbCr, tables of the right length, an end. ITU T.81, annex B.
"""

import re
import struct
from collections.abc import Iterator
from enum import IntEnum

_START = b"\xff\xd8"
_END = b"\xff\xd9"
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""In the coded picture 0xFF is followed by a stuffed zero or a restart marker; anything else ends it."""


class _Marker(IntEnum):
    """Segments that are kept."""

    BASELINE = 0xC0
    HUFFMAN = 0xC4
    SCAN = 0xDA
    QUANTISATION = 0xDB
    RESTARTS = 0xDD
    JFIF = 0xE0
    ADOBE = 0xEE


_NEEDED = frozenset({_Marker.QUANTISATION, _Marker.BASELINE, _Marker.HUFFMAN, _Marker.SCAN})
_DROPPED = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
"""Application data (EXIF, colour profiles, thumbnails) and comments."""


def plain_jpeg(data: bytes, size_px: tuple[int, int], channels: int) -> bytes | None:
    """The picture without metadata; None where it is not of that size or not of the plainest kind, or is cut short."""
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
    """Marker, start and stop of each segment up to that of the scan; fewer where the file is not well formed."""
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
    """What follows the last segment, with its end; None where something else follows than the end and padding."""
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
        case _Marker.ADOBE:  # only with the transform that readers assume anyway
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
    """8-bit tables of 64 values, numbered 0 to 3."""
    return bool(body) and len(body) % 65 == 0 and all(body[at] <= 3 for at in range(0, len(body), 65))


def _are_huffman_tables(body: bytes) -> bool:
    """Class and number, how many codes of each of 16 lengths, then so many values."""
    at = 0
    while at + 17 <= len(body):
        kind, counts = body[at], body[at + 1 : at + 17]
        if kind >> 4 > 1 or kind & 15 > 3 or sum(counts) > 256 or _is_oversubscribed(counts):
            return False
        at += 17 + sum(counts)
    return at == len(body) > 0


def _is_oversubscribed(counts: bytes) -> bool:
    """Whether there are more codes of some length than bits can tell apart."""
    free = 1
    for count in counts:
        free = 2 * free - count
        if free < 0:
            return True
    return False


def _is_only_scan(body: bytes, channels: int) -> bool:
    """All components at once, all coefficients at full precision, as baseline has it."""
    return len(body) == 4 + 2 * channels and body[0] == channels and body[-3:] == b"\x00\x3f\x00"
