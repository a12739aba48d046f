# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false
# PyMuPDF is only partly typed.
"""PDF documents, read and drawn with MuPDF. Only the workers' processes import this module."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image

from ocr_mcp.errors import (
    CorruptSourceError,
    EmptySourceError,
    EncryptedError,
    UnrenderableError,
    UnsupportedFormatError,
)
from ocr_mcp.sources.render_worker.pages import REPAIRED
from ocr_mcp.sources.render_worker.picture_pages import encode_jpeg
from ocr_mcp.sources.sniffing import SourceKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import JsonValue

# On import, PyMuPDF 2.0 loads its layout model, its Markdown writer, numpy and an inference runtime if they are
# installed. None of them is used here, and they cost over half a second and 90 MB.
for unused in ("pymupdf.layout", "pymupdf4llm"):
    sys.modules.setdefault(unused, None)  # pyright: ignore[reportArgumentType]
import pymupdf  # noqa: E402
from pymupdf.mupdf import FzErrorBase  # noqa: E402

from ocr_mcp.sources.render_worker.font_facts import FontFacts  # noqa: E402
from ocr_mcp.sources.render_worker.snippets import Cut, cut_snippets  # noqa: E402
from ocr_mcp.sources.render_worker.text_extraction import extract_text_layer, text_blocks  # noqa: E402
from ocr_mcp.sources.render_worker.unseen_text import unseen_text  # noqa: E402
from ocr_mcp.sources.render_worker.whole_scan import WholeScan, whole_scan  # noqa: E402

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
# Text spans name their fonts with the prefix that tells subsets of one font apart, as the page's resources do, so that
# both names match (see font_facts.py).
pymupdf.TOOLS.set_subset_fontnames(True)
# Colour management takes 18 of the 45 ms that drawing a grey scan takes, and no letter is read better for it
# (docs/benchmarks.md). Without it, no colour profile of an untrusted file reaches a parser.
pymupdf.TOOLS.set_icc(False)

_GET_AGAIN = "Get the file again, or open it in a PDF viewer and print it to a new PDF."
_NO_PAGES = ("/Catalog", "/Pages")
"""Types of objects that a damaged page tree may lead to instead of a page."""
_MUPDF_ERRORS = (FzErrorBase, RuntimeError, ValueError, IndexError, TypeError)


class PdfPages:
    """An opened PDF.

    Sizes and boxes are those of the page as displayed: after /Rotate and inside the crop box.
    """

    media_type = SourceKind.PDF.value
    unit = "pt"

    def __init__(self, data: bytes, name: str) -> None:
        with _convert_errors(f"'{name}' is not a readable PDF.", CorruptSourceError):
            self._document = pymupdf.open(stream=memoryview(data), filetype="pdf")
        try:
            self.page_count = self._check_pages(name)
        except BaseException:
            self.close()
            raise
        self._fonts = FontFacts(self._document)
        self._latest_blocks: tuple[int, list[dict[str, Any]]] | None = None
        repaired = "The PDF is damaged; it was repaired in memory, and parts may be missing."
        self.issues = ((REPAIRED, repaired),) if self._document.is_repaired else ()

    def _check_pages(self, name: str) -> int:
        if not self._document.is_pdf:
            raise UnsupportedFormatError(
                f"'{name}' says that it is a PDF, but it is something else.", hint="Save it again as a PDF."
            )
        if self._document.is_encrypted:
            raise EncryptedError(
                f"'{name}' is encrypted and needs a password.",
                hint="Open it in a PDF viewer with the password and print it to a new PDF without one.",
            )
        with _convert_errors(f"'{name}' has a page tree that cannot be followed.", CorruptSourceError):
            count = self._document.page_count
            if count > self._document.xref_length():  # More pages than objects are believed only if the last one loads.
                self._document.load_page(count - 1)
        if count < 1:
            raise self._no_pages_error(name)
        if not any(self._can_load(index) for index in (0, count - 1)):
            raise CorruptSourceError(f"'{name}' has a page tree that leads to no page.", hint=_GET_AGAIN)
        return count

    def _can_load(self, index: int) -> bool:
        try:
            self._load_page(index)
        except CorruptSourceError:
            return False
        return True

    def _no_pages_error(self, name: str) -> EmptySourceError | CorruptSourceError:
        """Return the error for a document without pages: an empty page tree, or one in which no page can be found."""
        catalog = self._document.pdf_catalog()
        if catalog and self._document.xref_get_key(catalog, "Pages/Kids")[1].replace(" ", "") == "[]":
            return EmptySourceError(f"'{name}' has no pages.", hint="Check that it was saved completely.")
        return CorruptSourceError(f"'{name}' is damaged: it has no page that can be found.", hint=_GET_AGAIN)

    def page_size(self, index: int) -> tuple[float, float]:
        """Return width and height in points."""
        rect = self._load_page(index).rect
        return float(rect.width), float(rect.height)

    def units_per_inch(self, index: int) -> float | None:  # noqa: ARG002  the protocol's signature
        """Return 72: the unit of a PDF page is the point."""
        return 72.0

    def render(
        self,
        index: int,
        size_px: tuple[int, int],
        region: tuple[float, float, float, float],
        jpeg_quality: int,
        turn: int = 0,
    ) -> bytes:
        """Draw a region with its annotations as JPEG, stretched to `size_px`; see `Pages.render`."""
        left, top, right, bottom = region
        scale_x, scale_y = size_px[0] / (right - left), size_px[1] / (bottom - top)
        matrix = pymupdf.Matrix(scale_x, 0, 0, scale_y, -left * scale_x, -top * scale_y)
        page = self._load_page(index)
        with _convert_errors(f"Page {index + 1} cannot be drawn.", UnrenderableError):
            pixmap = page.get_pixmap(
                matrix=matrix, colorspace=pymupdf.csRGB, clip=pymupdf.Rect(region), alpha=False, annots=True
            )
            picture = Image.frombuffer("RGB", (pixmap.width, pixmap.height), pixmap.samples_mv, "raw", "RGB", 0, 1)
            if picture.size != size_px:  # MuPDF rounds outwards if a region ends between two pixels.
                picture = picture.resize(size_px)
            return encode_jpeg(picture, jpeg_quality, turn)

    def whole_scan(self, index: int) -> WholeScan | None:
        """Return the scan that the page consists of; see `whole_scan.py`."""
        page = self._load_page(index)
        with _convert_errors(f"Page {index + 1} cannot be drawn.", UnrenderableError):
            return whole_scan(self._document, page)

    def text_layer(self, index: int) -> "dict[str, JsonValue] | None":
        """Return the text that the page carries itself; see `text_extraction.py`."""
        page = self._load_page(index)
        with _convert_errors(f"The text of page {index + 1} cannot be read.", UnrenderableError):
            return extract_text_layer(page, self._read_blocks(index, page), self._fonts)

    def unseen_text(self, index: int) -> "dict[str, JsonValue]":
        """Count the characters of that text that cannot be seen; see `unseen_text.py`."""
        page = self._load_page(index)
        with _convert_errors(f"Page {index + 1} cannot be drawn.", UnrenderableError):
            return unseen_text(page, self._read_blocks(index, page))

    def snippets(self, index: int, count: int, fonts: "Collection[str] | None") -> list[Cut]:
        """Return stretches of the page's text with their pictures; see `snippets.py`."""
        page = self._load_page(index)
        with _convert_errors(f"The text of page {index + 1} cannot be read.", UnrenderableError):
            return cut_snippets(page, count, fonts)

    def close(self) -> None:
        """Release the file and everything that MuPDF has cached of it."""
        self._document.close()
        pymupdf.TOOLS.store_shrink(100)

    def _load_page(self, index: int) -> Any:
        failure = f"Page {index + 1} is damaged and cannot be opened."
        with _convert_errors(failure, CorruptSourceError):
            page = self._document.load_page(index)
            is_page = bool(self._document.xref_get_keys(page.xref)) and self._read_type(page.xref) not in _NO_PAGES
        if not is_page:  # MuPDF gives a blank page for an object that the page tree names and the file lacks.
            raise CorruptSourceError(failure, hint=_GET_AGAIN)
        return page

    def _read_blocks(self, index: int, page: Any) -> list[dict[str, Any]]:
        """Return the page's text blocks.

        Those of the latest page are kept, because a request for a text layer is followed by one for its unseen text.
        """
        if self._latest_blocks is None or self._latest_blocks[0] != index:
            self._latest_blocks = index, text_blocks(page)
        return self._latest_blocks[1]

    def _read_type(self, xref: int) -> str:
        return str(self._document.xref_get_key(xref, "Type")[1])


@contextmanager
def _convert_errors(
    failure: str, error_class: type[CorruptSourceError | UnrenderableError]
) -> Generator[None, None, None]:
    """Raise MuPDF's errors as `error_class` with the message `failure`, and a failed allocation as `MemoryError`."""
    try:
        yield
    except _MUPDF_ERRORS as error:
        if "alloc (" in str(error):  # The message names malloc, calloc or realloc with the bytes that it could not get.
            raise MemoryError from error
        raise error_class(failure, hint=_GET_AGAIN) from error
    finally:
        pymupdf.TOOLS.reset_mupdf_warnings()  # MuPDF collects warnings, and a hostile file causes a million of them.
