# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false
# pyright: reportPrivateUsage=false, reportOptionalMemberAccess=false
# PyMuPDF is only partly typed, and has no public way to add to a page's instructions and resources.
"""Invisible words put under the pages of a PDF. Only the worker's process imports this."""

from collections.abc import Iterable, Sequence
from typing import Any

import pymupdf
from pymupdf import mupdf

from ocr_mcp.sources.pdf_writer.glyphless_font import ADVANCE, ASCENT, DESCENT, Codes, font_file, to_unicode
from ocr_mcp.sources.pdf_writer.invisible_text import without_invisible_text

FONT = "OcrMcpWords"
"""The font's name in the resources of a page."""

_TIED = b"q /Span <</ActualText ()>> BDC\n"
_UNTIED = b"\nEMC Q\n"
"""Text that was drawn and could not be trusted: programs that take text out of a PDF take nothing in its place."""

Row = Sequence[Any]
"""A `PlacedWord` without its names."""


class InvisibleText:
    """The words of one document, in one font. Add the pages, then finish."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._codes = Codes()
        self._font = _new_object(document, "<<>>")

    def add(self, index: int, words: Iterable[Row]) -> None:
        """Put words under a page, in place of the text that it has."""
        page = self._document[index]
        to_pdf = ~pymupdf.Matrix(*_page_transform(page))
        shown = "\n".join(self._shown(word, to_pdf) for word in words)
        self._remove_invisible(page)
        page.wrap_contents()
        is_hidden = bool(page.get_text("text").strip())
        pymupdf.TOOLS._insert_contents(page, _TIED if is_hidden else b"q\n", 0)
        after = (_UNTIED if is_hidden else b"\nQ\n") + f"q BT 3 Tr\n{shown}\nET Q\n".encode("ascii")
        pymupdf.TOOLS._insert_contents(page, after, 1)
        self._add_font_to(page)

    def finish(self) -> None:
        """Write the font, which now knows its characters."""
        document = self._document
        program = _new_stream(document, f"<</Length1 {len(font_file())}>>", font_file())
        names = _new_stream(document, "<<>>", to_unicode(self._codes))
        # Every code is the empty glyph 0.
        glyphs = _new_stream(document, "<<>>", bytes(2 * (len(list(self._codes.characters)) + 1)))
        box = f"[0 {-DESCENT * 1000:g} {ADVANCE * 1000:g} {ASCENT * 1000:g}]"
        described = _new_object(
            document,
            f"<</Type/FontDescriptor/FontName/{FONT}/Flags 5/FontBBox{box}/ItalicAngle 0/Ascent {ASCENT * 1000:g}"
            f"/Descent {-DESCENT * 1000:g}/CapHeight {ASCENT * 1000:g}/StemV 80/FontFile2 {program} 0 R>>",
        )
        descendant = _new_object(
            document,
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{FONT}/CIDToGIDMap {glyphs} 0 R/DW {ADVANCE * 1000:g}"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {described} 0 R>>",
        )
        document.update_object(
            self._font,
            f"<</Type/Font/Subtype/Type0/BaseFont/{FONT}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
            f"/ToUnicode {names} 0 R>>",
        )

    def _shown(self, word: Row, to_pdf: Any) -> str:
        """The operators that show a word in its box: type as high as the box, stretched to its width."""
        text, left, top, right, bottom, turn = word
        length, height = (right - left, bottom - top) if turn in (0, 180) else (bottom - top, right - left)
        characters = max(1, len(text.rstrip(" ")))
        stretch = length / (characters * ADVANCE)
        below = DESCENT * height
        place = {
            0: pymupdf.Matrix(stretch, 0, 0, -height, left, bottom - below),
            90: pymupdf.Matrix(0, stretch, height, 0, left + below, top),
            180: pymupdf.Matrix(-stretch, 0, 0, height, right, top + below),
            270: pymupdf.Matrix(0, -stretch, -height, 0, right - below, bottom),
        }[turn]
        numbers = " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in place * to_pdf)
        return f"/{FONT} 1 Tf {numbers} Tm <{self._codes.encode(text)}> Tj"

    def _remove_invisible(self, page: Any) -> None:
        content = instructions(page)
        kept = without_invisible_text(content or b"")
        if kept != content:
            page.set_contents(_new_stream(self._document, "<<>>", kept))
        for xref, *_ in page.get_xobjects():
            form = self._document.xref_stream(xref)
            if form and (kept := without_invisible_text(form)) != form:
                self._document.update_stream(xref, kept)

    def _add_font_to(self, page: Any) -> None:
        """In the page's resources, wherever in the page tree they are; what shares them ignores the font."""
        node = pymupdf._as_pdf_page(page).obj()
        resources = mupdf.pdf_dict_get_inheritable(node, pymupdf.PDF_NAME("Resources"))
        if not mupdf.pdf_is_dict(resources):
            resources = mupdf.pdf_dict_put_dict(node, pymupdf.PDF_NAME("Resources"), 2)
        fonts = mupdf.pdf_dict_get(resources, pymupdf.PDF_NAME("Font"))
        if not mupdf.pdf_is_dict(fonts):
            fonts = mupdf.pdf_dict_put_dict(resources, pymupdf.PDF_NAME("Font"), 2)
        pdf = pymupdf._as_pdf_document(self._document)
        mupdf.pdf_dict_puts(fonts, FONT, mupdf.pdf_new_indirect(pdf, self._font, 0))


def instructions(page: Any) -> bytes | None:
    """What draws the page; None where that is damaged and draws nothing."""
    try:
        return page.read_contents()
    except mupdf.FzErrorBase:
        return None


def _page_transform(page: Any) -> tuple[float, ...]:
    """From PDF coordinates to the page as displayed: turned, cut to its crop box, y down."""
    box, matrix = mupdf.FzRect(), mupdf.FzMatrix()
    mupdf.pdf_page_transform(pymupdf._as_pdf_page(page), box, matrix)
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _new_object(document: Any, source: str) -> int:
    xref = document.get_new_xref()
    document.update_object(xref, source)
    return xref


def _new_stream(document: Any, source: str, data: bytes) -> int:
    xref = _new_object(document, source)
    document.update_stream(xref, data, new=True)
    return xref
