"""PDFs whose text layer is true, false, or somebody's OCR, made with their pages' pictures."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pymupdf publishes incomplete types.

import io
import re
from pathlib import Path

import pymupdf
from PIL import Image

LINES = (
    "The committee met on Tuesday afternoon in the old library.",
    "It agreed on the budget for the coming year without debate.",
    "Members asked for a report on the state of the river bridge.",
    "The engineer described two ways of repairing the main arch.",
    "One of them would close the road for most of the summer.",
    "The treasurer warned that neither was covered by the funds.",
    "A decision was put off until the next meeting in November.",
    "The chairman thanked everybody present and closed the session.",
)
_PAGE = (595, 842)
_INVISIBLE = 3


def written_pdf(path: Path, *, pages: int = 1, lines: tuple[str, ...] = LINES) -> Path:
    """Pages that carry their own text, in an embedded font with a map to Unicode."""
    with pymupdf.open() as document:
        for _ in range(pages):
            _write(document.new_page(width=_PAGE[0], height=_PAGE[1]), lines)
        document.subset_fonts()
        document.save(path)
    return path


def ciphered_pdf(path: Path) -> Path:
    """The same page, but its font's map says another letter for each: it looks right, and copies as nonsense."""
    written = written_pdf(path.with_suffix(".plain.pdf"))
    with pymupdf.open(written) as document:
        for xref in range(1, document.xref_length()):
            kind, value = document.xref_get_key(xref, "ToUnicode")
            if kind == "xref":
                stream = int(value.split()[0])
                document.update_stream(stream, _shifted(document.xref_stream(stream) or b""))
        document.save(path)
    return path


def _shifted(cmap: bytes) -> bytes:
    """A map to Unicode in which each small letter means the seventh after it."""

    def shift(match: re.Match[bytes]) -> bytes:
        code = int(match[1], 16)
        return b"<%04x>" % ((code - 97 + 7) % 26 + 97 if 97 <= code <= 122 else code)

    lines = cmap.split(b"\n")
    return b"\n".join(re.sub(rb"<([0-9a-fA-F]{4})>(?=\s*$)", shift, line) for line in lines)


def scanned_pdf(path: Path, behind: tuple[str, ...] = LINES) -> Path:
    """A picture of the page with text drawn invisibly behind it, as OCR programs do."""
    with pymupdf.open(written_pdf(path.with_suffix(".plain.pdf"))) as plain, pymupdf.open() as document:
        page = document.new_page(width=_PAGE[0], height=_PAGE[1])
        page.insert_image(page.rect, stream=plain[0].get_pixmap(dpi=150).tobytes("png"))
        _write(page, behind, render_mode=_INVISIBLE)
        document.save(path)
    return path


def mixed_pdf(path: Path, said: str) -> Path:
    """A page with its own text and a picture with writing in it."""
    with pymupdf.open(written_pdf(path.with_suffix(".plain.pdf"))) as document:
        page = document[0]
        page.insert_image((60, 500, 535, 720), stream=_sign(said))
        document.save(path)
    return path


def _sign(said: str) -> bytes:
    with pymupdf.open() as drawing:
        page = drawing.new_page(width=475, height=220)
        page.draw_rect(page.rect, color=(0, 0, 0), fill=(0.9, 0.95, 1))
        page.insert_text((40, 110), said, fontsize=26)
        pixmap = page.get_pixmap(dpi=150)
    out = io.BytesIO()
    Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples).save(out, "JPEG", quality=90)
    return out.getvalue()


def _write(page: pymupdf.Page, lines: tuple[str, ...], *, render_mode: int = 0) -> None:
    page.insert_font(fontname="body", fontbuffer=pymupdf.Font("tiro").buffer)
    for row in range(24):
        line = lines[row % len(lines)]
        page.insert_text((60, 80 + 17 * row), line, fontname="body", fontsize=12, render_mode=render_mode)
