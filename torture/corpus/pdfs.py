# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# PyMuPDF is only partly typed.
"""Hostile PDFs by name, made the same on every run."""

import io
import zlib
from collections.abc import Callable

import pymupdf

from tests.sources import hostile_pdfs as known
from tests.sources.drawn import pdf_bytes
from tests.sources.hostile_pdfs import one_page, page, pdf_of, stream

_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_AES_128, _RC4_128 = 4, 3
_IMAGE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d/ColorSpace/%s"
_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]"
_PLAIN = b"0 0 99 99 re f"


def encrypted(method: int) -> bytes:
    with pymupdf.open() as document:
        document.new_page()
        out = io.BytesIO()
        document.save(out, encryption=method, user_pw="secret", owner_pw="owner")
        return out.getvalue()


def image_page(picture: bytes, *more: bytes) -> bytes:
    return one_page(b"612 0 0 792 0 0 cm /I Do", page(b"/XObject<</I 5 0 R>>"), picture, *more)


def zeros(count: int) -> bytes:
    """Return so many zero bytes, deflated."""
    block, rest = 1_000_000, count % 1_000_000
    return _deflated(bytes(block), count // block, bytes(rest), adler=(count % 65521 << 16) | 1)


def _deflated(block: bytes, times: int, rest: bytes = b"", *, adler: int = 0) -> bytes:
    """Return a repeated block and a rest, each deflated once: a full flush makes the coder forget what came before."""
    packed = []
    for data, mode in ((block, zlib.Z_FULL_FLUSH), (rest, zlib.Z_FINISH)):
        squeeze = zlib.compressobj(9, wbits=-15)
        packed.append(squeeze.compress(data) + squeeze.flush(mode))
    return b"\x78\xda" + packed[0] * times + packed[1] + adler.to_bytes(4, "big")


def repeated(content: bytes, times: int, end: bytes = b"") -> bytes:
    """Return a page with repeated content, deflated twice."""
    packed = _deflated(content * 1000, times // 1000, end)
    twice = stream(zlib.compress(packed, 9), b"/Filter[/FlateDecode/FlateDecode]")
    return pdf_of([_CATALOG, _ONE_PAGE, page(), twice])


def flate_image(width: int, height: int, bits: int, space: bytes) -> bytes:
    size = (width * bits * (3 if space == b"DeviceRGB" else 1) + 7) // 8 * height
    return image_page(stream(zeros(size), _IMAGE % (width, height, bits, space) + b"/Filter/FlateDecode"))


def coded_image(codec: bytes, data: bytes, width: int = 1000, height: int = 1000) -> bytes:
    return image_page(stream(data, _IMAGE % (width, height, 8, b"DeviceGray") + b"/Filter/" + codec))


def many_pages(count: int) -> bytes:
    """Return a flat tree of pages that share their content."""
    kids = b" ".join(b"%d 0 R" % number for number in range(4, 4 + count))
    one = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 3 0 R>>"
    return pdf_of([_CATALOG, b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count), stream(_PLAIN), *([one] * count)])


def tree(*nodes: bytes) -> bytes:
    """Return a PDF of a catalog and these nodes, from object 2 on."""
    return pdf_of([_CATALOG, *nodes])


def replaced(old: bytes, new: bytes, data: bytes | None = None) -> bytes:
    made = one_page(_PLAIN) if data is None else data
    assert old in made
    return made.replace(old, new)


def form_calls_itself() -> bytes:
    form = stream(b"/X Do /X Do", _FORM + b"/Resources<</XObject<</X 5 0 R>>>>")
    return one_page(b"/X Do", page(b"/XObject<</X 5 0 R>>"), form)


def soft_mask_of_itself() -> bytes:
    state = b"<</SMask<</S/Luminosity/G 5 0 R>>>>"
    group = stream(b"/G gs " + _PLAIN, _FORM + b"/Group<</S/Transparency>>/Resources<</ExtGState<</G 6 0 R>>>>")
    return one_page(b"/G gs " + _PLAIN, page(b"/ExtGState<</G 6 0 R>>"), group, state)


def font_program(data: bytes, key: bytes = b"FontFile2") -> bytes:
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/A/FirstChar 0/LastChar 255/FontDescriptor 6 0 R>>"
    descriptor = b"<</Type/FontDescriptor/FontName/A/Flags 4/%s 7 0 R>>" % key
    return one_page(b"BT /F 12 Tf 9 99 Td (abc) Tj ET", page(b"/Font<</F 5 0 R>>"), font, descriptor, stream(data))


def glyph_that_draws_itself() -> bytes:
    font = b"""<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 97/Widths[9]
        /CharProcs<</a 6 0 R>>/Encoding<</Differences[97/a]>>/Resources<</Font<</F 5 0 R>>>>>>"""
    glyph = stream(b"9 0 d0 BT /F 9 Tf (aaaa) Tj ET")
    return one_page(b"BT /F 12 Tf 9 99 Td (aaaa) Tj ET", page(b"/Font<</F 5 0 R>>"), font, glyph)


def colour_profile(data: bytes) -> bytes:
    spaces = page(b"/ColorSpace<</C[/ICCBased 5 0 R]>>")
    return one_page(b"/C cs 1 0 0 sc " + _PLAIN, spaces, stream(data, b"/N 3"))


def outline_that_loops() -> bytes:
    catalog = b"<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R>>"
    item = b"<</Title(a)/Parent 5 0 R/Next 5 0 R/First 5 0 R/Last 5 0 R>>"
    return pdf_of([catalog, _ONE_PAGE, page(), stream(_PLAIN), item])


def file_of_the_system() -> bytes:
    """Return a PDF with a stream that names /etc/passwd as the file of its bytes."""
    return pdf_of([_CATALOG, _ONE_PAGE, page(), stream(b"", b"/F(/etc/passwd)")])


def with_actions() -> bytes:
    """Return a PDF with all actions that a viewer might run."""
    actions = b"/OpenAction<</S/Launch/F(/bin/true)>>/AA<</WC<</S/JavaScript/JS(app.alert(1))>>>>"
    return replaced(b"/Type/Catalog", b"/Type/Catalog" + actions)


def chained_filters(count: int) -> bytes:
    return pdf_of([_CATALOG, _ONE_PAGE, page(), stream(b"x", b"/Filter[%s]" % (b"/ASCIIHexDecode" * count))])


def previous_table(offset: bytes) -> bytes:
    return replaced(b"/Root 1 0 R", b"/Root 1 0 R/Prev " + offset)


def own_table_before() -> bytes:
    data = one_page(_PLAIN)
    start = data.rindex(b"xref\n0")
    return replaced(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % start, data)


def annotations(count: int) -> bytes:
    """Return a page with so many annotations, which draw the same large pattern."""
    one = b"<</Type/Annot/Subtype/Stamp/Rect[0 0 612 792]/AP<</N 5 0 R>>>> "
    return one_page(b"", page(entries=b"/Annots[%s]" % (one * count)), stream(b"/X Do", _FORM))


def jbig2_header() -> bytes:
    """Return the header of a JBIG2 page of 2^31 x 2^31 pixels, in thirty bytes."""
    info = (2**31 - 1).to_bytes(4, "big") * 2 + bytes(11)
    return bytes(4) + b"\x30\x00\x01" + len(info).to_bytes(4, "big") + info


def jpx_header() -> bytes:
    """Return a JPEG 2000 codestream that claims 2^31 x 2^31 pixels."""
    edge = (2**31 - 1).to_bytes(4, "big")
    size = bytes(2) + edge * 2 + bytes(8) + edge * 2 + bytes(8) + b"\x00\x01\x07\x01\x01"
    return b"\xff\x4f\xff\x51" + (len(size) + 2).to_bytes(2, "big") + size


def jpeg_header(width: int, height: int) -> bytes:
    frame = b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    return b"\xff\xd8\xff\xc0" + (len(frame) + 2).to_bytes(2, "big") + frame + b"\xff\xd9"


PDFS: dict[str, tuple[Callable[[], bytes], str]] = {
    "encrypted with AES": (lambda: encrypted(_AES_128), "ENCRYPTED"),
    "encrypted with RC4": (lambda: encrypted(_RC4_128), "ENCRYPTED"),
    "no bytes": (lambda: b"", "EMPTY"),
    "no pages": (known.no_pages, "EMPTY"),
    "header alone": (lambda: b"%PDF-1.7\n", "CORRUPT"),
    "cut in the middle": (lambda: pdf_bytes(pages=20)[:9000], "OK repaired"),
    "cut before the table": (lambda: one_page(_PLAIN)[:-120], "OK repaired"),
    "count of 2e9": (known.lying_count, "CORRUPT"),
    "count below zero": (lambda: tree(b"<</Type/Pages/Kids[3 0 R]/Count -9>>", page(), stream(b"")), "CORRUPT"),
    "tree that holds itself": (known.page_tree_cycle, "CORRUPT"),
    "tree that holds its root": (
        lambda: tree(b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>"),
        "CORRUPT",
    ),
    "tree that holds itself after a page": (
        lambda: tree(b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2>>", page(), stream(_PLAIN)),
        "OK",
    ),
    "parent that is itself": (lambda: replaced(b"/Parent 2 0 R", b"/Parent 3 0 R"), "OK"),
    "page that is the catalog": (lambda: tree(b"<</Type/Pages/Kids[1 0 R]/Count 1>>"), "CORRUPT"),
    "page that is not there": (lambda: tree(b"<</Type/Pages/Kids[99 0 R]/Count 1>>"), "CORRUPT"),
    "table before itself": (own_table_before, "OK"),
    "table before the start": (lambda: previous_table(b"-1"), "OK"),
    "table beyond the end": (lambda: previous_table(b"99999999999"), "OK repaired"),
    "no table": (lambda: replaced(b"startxref\n", b"startxref\n9"), "OK repaired"),
    "array two million deep": (known.deep_array, "CORRUPT"),
    "100,000 pages": (lambda: many_pages(100_000), "OK"),
    "box of 14,400": (lambda: known.page_box(b"0 0 14400 14400"), "OK"),
    "box of a million": (lambda: known.page_box(b"0 0 1e6 1e6"), "OK"),
    "box of 1e300": (lambda: known.page_box(b"0 0 1e300 1e300"), "OK"),
    "box of no numbers": (lambda: known.page_box(b"0 0 nan nan"), "OK"),
    "box below zero": (lambda: known.page_box(b"0 0 -612 -792"), "OK"),
    "box of nothing": (lambda: known.page_box(b"0 0 0 0"), "OK"),
    "box that is missing": (lambda: replaced(b"/MediaBox[0 0 612 792]", b""), "OK"),
    "sliver, upright": (lambda: known.page_box(b"0 0 1 14400"), "UNRENDERABLE"),
    "sliver, lying": (lambda: known.page_box(b"0 0 14400 1"), "UNRENDERABLE"),
    "unit of a million": (lambda: one_page(_PLAIN, page(entries=b"/UserUnit 1000000")), "UNRENDERABLE"),
    "turned by 45": (lambda: one_page(_PLAIN, page(entries=b"/Rotate 45")), "OK"),
    "forms fan out": (known.form_fan_out, "RENDER_TIMEOUT"),
    "form calls itself": (form_calls_itself, "OK"),
    "pattern of tiny steps": (known.tiling_step, "RENDER_TIMEOUT"),
    "content of four gigabytes": (lambda: repeated(b"0 0 m 9 9 l " * 340, 1_000_000), "RENDER_TIMEOUT RENDER_MEMORY"),
    "a million full fills": (lambda: repeated(b"0 0 612 792 re f\n", 1_000_000), "OK RENDER_TIMEOUT"),
    "six million segments": (
        lambda: repeated(b"0 0 m 599 700 l 9 9 l ", 2_000_000, b"S"),
        "RENDER_TIMEOUT RENDER_MEMORY",
    ),
    "soft mask of itself": (soft_mask_of_itself, "OK"),
    "picture of 500 megapixels": (lambda: flate_image(25_000, 20_000, 8, b"DeviceGray"), "OK RENDER_TIMEOUT"),
    "picture of 10 gigapixels": (lambda: flate_image(100_000, 100_000, 1, b"DeviceGray"), "OK RENDER_TIMEOUT"),
    "picture that is JBIG2 garbage": (lambda: coded_image(b"JBIG2Decode", b"\x97JB2" * 99), "OK"),
    "picture that is a JBIG2 giant": (lambda: coded_image(b"JBIG2Decode", jbig2_header()), "OK RENDER_MEMORY"),
    "picture that is JPX garbage": (lambda: coded_image(b"JPXDecode", b"\xff\x4f\xff\x51" * 99), "OK"),
    "picture that is a JPX giant": (lambda: coded_image(b"JPXDecode", jpx_header()), "OK RENDER_MEMORY"),
    "picture that is a JPEG giant": (lambda: coded_image(b"DCTDecode", jpeg_header(65500, 65500)), "OK RENDER_MEMORY"),
    "picture that is fax garbage": (lambda: coded_image(b"CCITTFaxDecode", bytes(range(256)) * 9), "OK"),
    "filters, a thousand": (lambda: chained_filters(1000), "OK UNRENDERABLE"),
    "stream longer than the file": (lambda: replaced(b"/Length 14", b"/Length 99999999"), "OK repaired"),
    "stream as long as itself": (lambda: replaced(b"/Length 14", b"/Length 4 0 R"), "OK repaired"),
    "font of garbage": (lambda: font_program(b"\0\1\0\0" * 999), "OK"),
    "font without end": (lambda: font_program(b"%!PS-AdobeFont-1.0\n" + b"{" * 99999, b"FontFile"), "OK"),
    "glyph that draws itself": (glyph_that_draws_itself, "OK"),
    "colour profile of garbage": (lambda: colour_profile(b"acsp" * 999), "OK"),
    "outline that loops": (outline_that_loops, "OK"),
    "stream in /etc/passwd": (file_of_the_system, "OK"),
    "actions and scripts": (with_actions, "OK"),
    "annotations, 20,000": (lambda: annotations(20_000), "OK RENDER_TIMEOUT"),
    "web page that says PDF": (lambda: b"<!DOCTYPE html><html>%PDF-1.7</html>", "UNSUPPORTED_FORMAT CORRUPT"),
    "picture that says PDF": (lambda: b"%PDF-1.7\n\x89PNG\r\n\x1a\n" + bytes(999), "UNSUPPORTED_FORMAT CORRUPT"),
    "archive that is a PDF too": (lambda: b"PK\3\4" + bytes(26) + one_page(_PLAIN), "OK"),
    "PDF after a kilobyte": (lambda: bytes(2000) + one_page(_PLAIN), "UNSUPPORTED_FORMAT"),
}
