"""Scans whose every word's place is known, and what `pdftotext` finds in a PDF."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

import io
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pymupdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr_mcp.model.geometry import BoundingBox

PIXELS_PER_POINT = 2.0
LINES = (
    ("The harbour office opens at seven", "Boats leave every forty minutes", "Return tickets cost eleven euros"),
    ("Bread keeps longest in a linen bag", "Flour should be stored dry and cool", "Salt slows down the yeast"),
    ("Measure the shelf before cutting", "Oak needs a sharp and narrow blade", "Glue sets within twenty hours"),
)
PHRASES = {
    1: ("harbour office opens", "office opens at seven", "Boats leave every", "forty minutes", "Return tickets",
        "tickets cost eleven", "eleven euros"),
    2: ("Bread keeps longest", "in a linen bag", "Flour should be", "stored dry and cool", "Salt slows",
        "down the yeast"),
    3: ("Measure the shelf", "before cutting", "Oak needs a sharp", "and narrow blade", "Glue sets", "within twenty",
        "twenty hours"),
}  # fmt: skip
"""Twenty phrases by the page that they stand on."""

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


@dataclass(frozen=True)
class Word:
    """A word and where it stands, in points."""

    text: str
    box: BoundingBox


def scan_of(lines: tuple[str, ...]) -> tuple[bytes, list[Word]]:
    """A page of 595 x 842 points as a picture, and its words: a wide and a narrow column of type of two sizes."""
    picture = Image.new("RGB", (1190, 1684), "white")
    draw, words = ImageDraw.Draw(picture), list[Word]()
    for row, line in enumerate(lines):
        font = ImageFont.load_default(34 + 8 * (row % 2))
        left, top = 120.0 + 40 * row, 200.0 + 180 * row
        for text in line.split():
            box = draw.textbbox((left, top), text, font=font)
            draw.text((left, top), text, fill="black", font=font)
            words.append(Word(text, BoundingBox(**dict(zip(("left", "top", "right", "bottom"), box, strict=True)))))
            left += draw.textlength(f"{text} ", font=font)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue(), [Word(word.text, _in_points(word.box)) for word in words]


def scanned_book(path: Path) -> list[list[Word]]:
    """Write a PDF of three scans; the words of each page."""
    words: list[list[Word]] = []
    with pymupdf.open() as document:
        for lines in LINES:
            picture, found = scan_of(lines)
            document.new_page(width=595, height=842).insert_image((0, 0, 595, 842), stream=picture)
            words.append(found)
        document.save(path, deflate=True)
    return words


def turned_page(book: Path, path: Path) -> Path:
    """The first scan of the book, lying on its right side."""
    with pymupdf.open(book) as upright, pymupdf.open() as document:
        picture = upright[0].get_pixmap(dpi=144)
        document.new_page(width=842, height=595).insert_image((0, 0, 842, 595), pixmap=picture, rotate=-90)
        document.save(path)
    return path


def text_of(pdf: Path, page: int) -> str:
    """What `pdftotext` says of a page, on one line."""
    command = ["pdftotext", "-f", str(page), "-l", str(page), "-enc", "UTF-8", pdf, "-"]
    return " ".join(subprocess.run(command, capture_output=True, check=True).stdout.decode().split())


def words_of(pdf: Path, page: int) -> list[Word]:
    """The words that can be selected on a page, and where."""
    command = ["pdftotext", "-f", str(page), "-l", str(page), "-enc", "UTF-8", "-bbox", pdf, "-"]
    found = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    pattern = r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>'
    return [
        Word(unescape(text), BoundingBox(left=float(left), top=float(top), right=float(right), bottom=float(bottom)))
        for left, top, right, bottom, text in re.findall(pattern, found)
    ]


def shared(a: BoundingBox, b: BoundingBox) -> float:
    """How much of the smaller of two boxes lies in the other, 0 to 1."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(width, 0.0) * max(height, 0.0) / min(a.area, b.area)


def _in_points(box: BoundingBox) -> BoundingBox:
    return BoundingBox(
        left=box.left / PIXELS_PER_POINT,
        top=box.top / PIXELS_PER_POINT,
        right=box.right / PIXELS_PER_POINT,
        bottom=box.bottom / PIXELS_PER_POINT,
    )
