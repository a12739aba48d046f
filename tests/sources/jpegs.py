"""JPEG files as scanners write them, and changed ones."""

import io

from PIL import Image, ImageDraw

SIZE = (1654, 2339)
"""A4 at 200 dpi."""


def scan_jpeg(size: tuple[int, int] = SIZE, *, mode: str = "L", **options: object) -> bytes:
    """A white page with a dark bar at its top left."""
    picture = Image.new(mode, size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1] // 10), fill="black")
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)  # pyright: ignore[reportArgumentType]  each format has its own options
    return out.getvalue()


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """The same file with one more segment at its beginning."""
    segment = bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body
    return jpeg[:2] + segment + jpeg[2:]


def decoded(jpeg: bytes) -> Image.Image:
    """Its pixels."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.load()
        return picture


def size_of(jpeg: bytes) -> tuple[int, int]:
    """What its head says; nothing is decoded."""
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
        return picture.size
