"""Documents that tests make: scans whose pages can be told apart by what the engine is sent."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw

from tests.doubles.ollama_server import GenerateCall

BAND = 12
"""Grey levels between two pages: far more than JPEG blurs."""


def scan(number: int, *, size: tuple[int, int] = (595, 842)) -> bytes:
    """A page as a picture (PNG), all in one of 20 x 20 x 20 colours, so that its number can be read back."""
    low, middle, high = number % 20, number // 20 % 20, number // 400
    picture = Image.new("RGB", size, tuple(10 + BAND * digit for digit in (low, middle, high)))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def scan_number(encoded: bytes) -> int:
    """The number of the page that an engine was sent."""
    with Image.open(io.BytesIO(encoded)) as picture:
        colour = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(colour, tuple)
    low, middle, high = (round((level - 10) / BAND) for level in colour)
    return low + 20 * middle + 400 * high


def scanned_pdf(path: Path, *, pages: int | Sequence[int]) -> Path:
    """A PDF of pictures without any text. A4, in points 595 x 842."""
    with pymupdf.open() as document:
        for number in range(1, pages + 1) if isinstance(pages, int) else pages:
            document.new_page(width=595, height=842).insert_image(
                (0, 0, 595, 842), stream=scan(number), keep_proportion=False
            )
        document.save(path, deflate=True)
    return path


def text_pdf(path: Path, *, pages: int) -> Path:
    """A PDF that carries its own text."""
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=595, height=842)
            page.insert_text((72, 100), f"Chapter {number}", fontsize=22)
            for row in range(8):
                page.insert_text((72, 150 + 20 * row), f"Line {row} of page {number} is in a plain font.", fontsize=11)
        document.save(path)
    return path


def written(path: Path, text: str, *, size: tuple[int, int] = (900, 300)) -> Path:
    """A picture with one line of writing, in the format that the name's ending says."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    draw.text((40, 100), text, fill="black", font_size=48)
    picture.save(path)
    return path


def numbered_answer(template: str = "Text of page {}.") -> Callable[[GenerateCall], str]:
    """An answer that says which page it was sent."""
    return lambda call: template.format(scan_number(call.image))
