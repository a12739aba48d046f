"""Hostile pictures by name, made the same on every run."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image

from torture.corpus.pdfs import jpeg_header, zeros

_PNG = b"\x89PNG\r\n\x1a\n"
_GREY, _RGBA = 0, 6


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, packed: bytes, *, depth: int = 8, colour: int = _GREY, before: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return _PNG + header + before + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def plain_png(width: int, height: int, *, depth: int = 8, colour: int = _GREY) -> bytes:
    """Return a black picture, as small as deflate makes it."""
    row = 1 + width * depth * (4 if colour == _RGBA else 1) // 8
    return png(width, height, zeros(row * height), depth=depth, colour=colour)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)  # pyright: ignore[reportArgumentType]  each format has its own options
    return out.getvalue()


def noise(size: int = 200) -> Image.Image:
    """Return a picture that is hard to compress, the same on every run."""
    values = zlib.compress(b"seed")
    while len(values) < size * size * 3:
        values += zlib.compress(values[-4096:], 1) + bytes([len(values) % 251])
    return Image.frombytes("RGB", (size, size), values[: size * size * 3])


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def frames(kind: str, count: int = 3) -> bytes:
    pictures = [Image.new("RGB", (40, 40), (60 * number, 9, 9)) for number in range(count)]
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:])


def tiff(*entries: tuple[int, int, int, int], following: int = 0, tail: bytes = b"") -> bytes:
    """Return a little-endian TIFF of one directory with (tag, type, count, value) entries."""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", following) + tail


def tiff_of(width: int, height: int, *, offset: int = 200, count: int = 1, following: int = 0) -> bytes:
    facts = ((256, 3, width), (257, 3, height), (258, 3, 8), (259, 3, 1), (262, 3, 1))
    strips = ((273, 4, offset), (277, 3, 1), (278, 3, height), (279, 4, width * height))
    entries = [(tag, kind, count if tag in (273, 279) else 1, value) for tag, kind, value in (*facts, *strips)]
    return tiff(*entries, following=following, tail=bytes(500))


def bmp(width: int, height: int, bits: int = 24, compression: int = 0) -> bytes:
    facts = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 1, 1, 0, 0)
    return b"BM" + struct.pack("<IHHI", 9999, 0, 0, 54) + facts + bytes(900)


def gif_header(width: int, height: int) -> bytes:
    return (
        b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0,\0\0\0\0" + struct.pack("<HH", width, height) + b"\0;"
    )


def scans(count: int) -> bytes:
    """Return a progressive JPEG whose first scan comes again and again."""
    data = saved(noise(64), "JPEG", progressive=True)
    start = data.index(b"\xff\xda")
    scan = data[start : data.index(b"\xff\xda", start + 2)]
    return data[:start] + scan * count + data[start:]


def not_a_number() -> bytes:
    return saved(Image.new("F", (9, 9), float("nan")), "TIFF")


PICTURES: dict[str, tuple[Callable[[], bytes], str]] = {
    "PNG of 144 megapixels": (lambda: plain_png(12_000, 12_000), "TOO_LARGE"),
    "PNG of 2^31 x 2^31": (lambda: png(2**31 - 1, 2**31 - 1, b""), "TOO_LARGE CORRUPT"),
    "PNG of 63 megapixels": (lambda: plain_png(9000, 7000), "OK RENDER_TIMEOUT"),
    "PNG of 60 megapixels, deep": (
        lambda: plain_png(7750, 7750, depth=16, colour=_RGBA),
        "OK RENDER_MEMORY RENDER_TIMEOUT",
    ),
    "PNG of no width": (lambda: png(0, 9, b""), "CORRUPT"),
    "PNG, cut": (lambda: half(saved(noise(), "PNG")), "CORRUPT"),
    "PNG, wrong sums": (lambda: saved(noise(), "PNG").replace(b"IDAT", b"IDAT\0", 1), "CORRUPT"),
    "PNG without its palette": (lambda: png(9, 9, zlib.compress(bytes(90)), colour=3), "OK"),
    "PNG with a gigabyte of text": (
        lambda: png(9, 9, zlib.compress(bytes(90)), before=chunk(b"zTXt", b"a\0\0" + zeros(1_000_000_000))),
        "OK CORRUPT",
    ),
    "PNG with a gigabyte of colours": (
        lambda: png(9, 9, zlib.compress(bytes(90)), before=chunk(b"iCCP", b"a\0\0" + zeros(1_000_000_000))),
        "OK CORRUPT",
    ),
    "PNG with data behind it": (lambda: saved(noise(), "PNG") + b"PK\3\4" * 9999, "OK"),
    "PNG of 16 bits": (lambda: saved(Image.new("I;16", (9, 9), 40000), "PNG"), "OK"),
    "sliver of 60,000": (lambda: plain_png(1, 60_000), "UNRENDERABLE"),
    "one pixel": (lambda: plain_png(1, 1), "OK"),
    "APNG of 3 frames": (lambda: frames("PNG"), "OK frames_ignored"),
    "GIF of 3 frames": (lambda: frames("GIF"), "OK frames_ignored"),
    "WebP of 3 frames": (lambda: frames("WEBP"), "OK frames_ignored"),
    "GIF of 4 gigapixels": (lambda: gif_header(65535, 65535), "TOO_LARGE"),
    "GIF that is a script too": (lambda: frames("GIF", 1) + b"/*<script>alert(1)</script>*/", "OK"),
    "GIF, cut": (lambda: half(saved(noise(), "GIF")), "CORRUPT"),
    "WebP, cut": (lambda: half(saved(noise(), "WEBP")), "CORRUPT"),
    "TIFF of 3 frames": (lambda: frames("TIFF"), "OK"),
    "TIFF of 2,000 frames": (lambda: frames("TIFF", 2000), "OK"),
    "TIFF that goes round": (lambda: tiff_of(20, 20, following=8), "OK CORRUPT"),
    "TIFF beyond its end": (lambda: tiff_of(20, 20, offset=10**9), "CORRUPT"),
    "TIFF of a billion strips": (lambda: tiff_of(20, 20, count=10**9), "CORRUPT"),
    "TIFF of 4 gigapixels": (lambda: tiff_of(65535, 65535), "TOO_LARGE"),
    "TIFF without a size": (lambda: tiff((258, 3, 1, 8)), "CORRUPT"),
    "TIFF of floats": (lambda: saved(Image.new("F", (9, 9), 0.6), "TIFF"), "OK"),
    "TIFF of no numbers": (not_a_number, "CORRUPT"),
    "TIFF, cut": (lambda: half(saved(noise(), "TIFF")), "CORRUPT"),
    "JPEG, cut": (lambda: half(saved(noise(), "JPEG")), "CORRUPT"),
    "JPEG of CMYK": (lambda: saved(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "JPEG"), "OK"),
    "JPEG of 4 gigapixels": (lambda: jpeg_header(65500, 65500), "TOO_LARGE"),
    "JPEG of 20,000 scans": (lambda: scans(20_000), "OK CORRUPT RENDER_TIMEOUT"),
    "JPEG with EXIF of garbage": (lambda: saved(noise(), "JPEG", exif=b"Exif\0\0II*\0" + b"\xff" * 99), "OK"),
    "JPEG with colours of garbage": (lambda: saved(noise(), "JPEG", icc_profile=b"acsp" * 999), "OK"),
    "JPEG with an archive behind it": (lambda: saved(noise(), "JPEG") + b"PK\3\4" * 999, "OK"),
    "BMP of 2^31": (lambda: bmp(2**31 - 1, -(2**31)), "TOO_LARGE CORRUPT"),
    "BMP below zero": (lambda: bmp(-9, -9), "TOO_LARGE CORRUPT"),
    "BMP, cut": (lambda: half(saved(noise(), "BMP")), "CORRUPT"),
    "BMP of runs": (lambda: bmp(200, 200, 8, 1), "CORRUPT"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "UNSUPPORTED_FORMAT"),
    "AVIF": (lambda: b"\0\0\0\x18ftypavif\0\0\0\0" + bytes(99), "UNSUPPORTED_FORMAT"),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "UNSUPPORTED_FORMAT"),
    "film": (lambda: b"\0\0\0\x18ftypisom\0\0\0\0" + bytes(99), "UNSUPPORTED_FORMAT"),
    "noise": (lambda: noise().tobytes(), "UNSUPPORTED_FORMAT"),
}
