# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false
# pyright: reportPrivateUsage=false, reportOptionalMemberAccess=false
# PyMuPDF is only partly typed, and has no public function that adds to a page's instructions and resources.
"""Puts invisible words under the pages of a PDF. Only the worker's process imports this module."""

from collections.abc import Iterable, Sequence
from typing import Any

import pymupdf
from pymupdf import mupdf

from ocr_mcp.sources.pdf_writer.glyphless_font import (
    ADVANCE_EM,
    ASCENT_EM,
    DESCENT_EM,
    Codes,
    build_font_file,
    write_cmap,
)
from ocr_mcp.sources.pdf_writer.invisible_text import remove_invisible_text

FONT_NAME = "OcrMcpWords"
"""The font's name in the resources of a page."""

_BEFORE_HIDDEN_TEXT = b"q /Span <</ActualText ()>> BDC\n"
_AFTER_HIDDEN_TEXT = b"\nEMC Q\n"
"""Operators around the page's visible text, which was read anew because it could not be trusted.

They give it an empty replacement text, so that programs which extract text from the PDF find only the new words.
"""

WordFields = Sequence[Any]
"""The fields of a `PlacedWord` in its order, without their names."""


class InvisibleText:
    """Writes the words of one document in one font: call `add` for each page, then `finish`."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._codes = Codes()
        self._font = _add_object(document, "<<>>")

    def add(self, index: int, words: Iterable[WordFields]) -> None:
        """Put words under the page with the 0-based `index`.

        Invisible text that the page already has is removed, and visible text is hidden from programs that extract text.
        """
        page = self._document[index]
        to_pdf = ~pymupdf.Matrix(*_read_page_transform(page))
        shown = "\n".join(self._show_word(word, to_pdf) for word in words)
        self._remove_invisible(page)
        page.wrap_contents()
        is_hidden = bool(page.get_text("text").strip())
        pymupdf.TOOLS._insert_contents(page, _BEFORE_HIDDEN_TEXT if is_hidden else b"q\n", 0)
        after = (_AFTER_HIDDEN_TEXT if is_hidden else b"\nQ\n") + f"q BT 3 Tr\n{shown}\nET Q\n".encode("ascii")
        pymupdf.TOOLS._insert_contents(page, after, 1)
        self._add_font_to(page)

    def finish(self) -> None:
        """Write the font; only now are all of its characters known."""
        document = self._document
        program = _add_stream(document, f"<</Length1 {len(build_font_file())}>>", build_font_file())
        names = _add_stream(document, "<<>>", write_cmap(self._codes))
        # The table maps every code to glyph 0, the only one, which is empty.
        glyphs = _add_stream(document, "<<>>", bytes(2 * (len(list(self._codes.characters)) + 1)))
        box = f"[0 {-DESCENT_EM * 1000:g} {ADVANCE_EM * 1000:g} {ASCENT_EM * 1000:g}]"
        descriptor = _add_object(
            document,
            f"<</Type/FontDescriptor/FontName/{FONT_NAME}/Flags 5/FontBBox{box}/ItalicAngle 0"
            f"/Ascent {ASCENT_EM * 1000:g}/Descent {-DESCENT_EM * 1000:g}/CapHeight {ASCENT_EM * 1000:g}/StemV 80"
            f"/FontFile2 {program} 0 R>>",
        )
        descendant = _add_object(
            document,
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{FONT_NAME}/CIDToGIDMap {glyphs} 0 R/DW {ADVANCE_EM * 1000:g}"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {descriptor} 0 R>>",
        )
        document.update_object(
            self._font,
            f"<</Type/Font/Subtype/Type0/BaseFont/{FONT_NAME}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
            f"/ToUnicode {names} 0 R>>",
        )

    def _show_word(self, word: WordFields, to_pdf: Any) -> str:
        """Return the operators that show a word in its box.

        The font is as high as the box and stretched to its width. `to_pdf` transforms displayed coordinates to PDF
        coordinates.
        """
        text, left, top, right, bottom, turn = word
        length, height = (right - left, bottom - top) if turn in (0, 180) else (bottom - top, right - left)
        characters = max(1, len(text.rstrip(" ")))
        stretch = length / (characters * ADVANCE_EM)
        below = DESCENT_EM * height
        place = {
            0: pymupdf.Matrix(stretch, 0, 0, -height, left, bottom - below),
            90: pymupdf.Matrix(0, stretch, height, 0, left + below, top),
            180: pymupdf.Matrix(-stretch, 0, 0, height, right, top + below),
            270: pymupdf.Matrix(0, -stretch, -height, 0, right - below, bottom),
        }[turn]
        numbers = " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in place * to_pdf)
        return f"/{FONT_NAME} 1 Tf {numbers} Tm <{self._codes.encode(text)}> Tj"

    def _remove_invisible(self, page: Any) -> None:
        content = read_instructions(page)
        kept = remove_invisible_text(content or b"")
        if kept != content:
            page.set_contents(_add_stream(self._document, "<<>>", kept))
        for xref, *_ in page.get_xobjects():
            form = self._document.xref_stream(xref)
            if form and (kept := remove_invisible_text(form)) != form:
                self._document.update_stream(xref, kept)

    def _add_font_to(self, page: Any) -> None:
        """Add the font to the page's resources, which may be inherited from a node of the page tree.

        Other pages that share these resources ignore the font.
        """
        node = pymupdf._as_pdf_page(page).obj()
        resources = mupdf.pdf_dict_get_inheritable(node, pymupdf.PDF_NAME("Resources"))
        if not mupdf.pdf_is_dict(resources):
            resources = mupdf.pdf_dict_put_dict(node, pymupdf.PDF_NAME("Resources"), 2)
        fonts = mupdf.pdf_dict_get(resources, pymupdf.PDF_NAME("Font"))
        if not mupdf.pdf_is_dict(fonts):
            fonts = mupdf.pdf_dict_put_dict(resources, pymupdf.PDF_NAME("Font"), 2)
        pdf = pymupdf._as_pdf_document(self._document)
        mupdf.pdf_dict_puts(fonts, FONT_NAME, mupdf.pdf_new_indirect(pdf, self._font, 0))


def read_instructions(page: Any) -> bytes | None:
    """Return the drawing instructions of a page, None if they are damaged and draw nothing."""
    try:
        return page.read_contents()
    except mupdf.FzErrorBase:
        return None


def _read_page_transform(page: Any) -> tuple[float, ...]:
    """Return the matrix (a, b, c, d, e, f) from PDF coordinates to the displayed page.

    The displayed page is rotated and cut to its crop box, with y pointing down.
    """
    box, matrix = mupdf.FzRect(), mupdf.FzMatrix()
    mupdf.pdf_page_transform(pymupdf._as_pdf_page(page), box, matrix)
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _add_object(document: Any, source: str) -> int:
    xref = document.get_new_xref()
    document.update_object(xref, source)
    return xref


def _add_stream(document: Any, source: str, data: bytes) -> int:
    xref = _add_object(document, source)
    document.update_stream(xref, data, new=True)
    return xref
