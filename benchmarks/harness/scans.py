"""Documents to measure with: scans of a realistic size, every page another picture."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

import io
import random
from pathlib import Path

import pymupdf
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE_200_DPI = (1654, 2339)
WORDS = ("the", "page", "was", "scanned", "and", "holds", "plain", "words", "in", "lines", "as", "books", "have")


def scans(path: Path, *, pages: int) -> Path:
    """A PDF of grey A4 scans at 200 dpi, JPEG of some 250 KB each. The same bytes every time; made only once."""
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
    """Grainy paper with forty lines of writing: the part that all pages share."""
    grain = random.Random(1).randbytes(SIZE_200_DPI[0] * SIZE_200_DPI[1])
    noise = Image.frombytes("L", SIZE_200_DPI, grain).filter(ImageFilter.GaussianBlur(1.0))
    paper = Image.eval(noise, lambda level: 205 + level // 8)
    draw, rng = ImageDraw.Draw(paper), random.Random(2)
    for row in range(40):
        line = " ".join(rng.choice(WORDS) for _ in range(13))
        draw.text((150, 230 + 48 * row), line, fill=40, font_size=30)
    return paper


def _scan(paper: Image.Image, number: int) -> bytes:
    """One page: the paper moved a little, as scanners do, under its own heading."""
    picture = ImageChops.offset(paper, number % 16, number % 24)
    ImageDraw.Draw(picture).text((150, 120), f"Page {number}", fill=20, font_size=60)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=45)
    return out.getvalue()
