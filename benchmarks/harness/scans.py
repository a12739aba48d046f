"""Scanned documents to measure with: pages of a realistic size, each another picture."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

import io
import random
from pathlib import Path

import pymupdf
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE_200_DPI_PX = (1654, 2339)
"""A4 at 200 dpi."""

WORDS = ("the", "page", "was", "scanned", "and", "holds", "plain", "words", "in", "lines", "as", "books", "have")


def make_scans(path: Path, *, pages: int) -> Path:
    """Return the path of a PDF of grey A4 scans at 200 dpi, JPEG of some 330 KB each; write it unless it exists.

    The same number of pages gives the same bytes every time.
    """
    if path.exists():
        return path
    paper = _paper()
    unfinished = path.with_suffix(".part")
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=595, height=842)
            page.insert_image((0, 0, 595, 842), stream=_scan(paper, number), keep_proportion=False)
        document.save(unfinished)
    unfinished.replace(path)
    return path


def _paper() -> Image.Image:
    """Return grainy paper with forty lines of writing, which all pages share."""
    grain = random.Random(1).randbytes(SIZE_200_DPI_PX[0] * SIZE_200_DPI_PX[1])
    noise = Image.frombytes("L", SIZE_200_DPI_PX, grain).filter(ImageFilter.GaussianBlur(1.0))
    paper = Image.eval(noise, lambda level: 205 + level // 8)
    draw, rng = ImageDraw.Draw(paper), random.Random(2)
    for row in range(40):
        line = " ".join(rng.choice(WORDS) for _ in range(13))
        draw.text((150, 230 + 48 * row), line, fill=40, font_size=30)
    return paper


def _scan(paper: Image.Image, number: int) -> bytes:
    """Return one page: the paper, moved a little as scanners do, under its own heading."""
    picture = ImageChops.offset(paper, number % 16, number % 24)
    ImageDraw.Draw(picture).text((150, 120), f"Page {number}", fill=20, font_size=60)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=45)
    return out.getvalue()
