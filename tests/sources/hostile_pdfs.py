"""Small PDFs that make a careless reader hang, run out of memory or read something else.

Six files of 658 bytes to 413 KB kept MuPDF busy for more than 30 s, holding the GIL; no signal interrupts it.
"""

import zlib

_CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
_ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def pdf_of(objects: list[bytes]) -> bytes:
    """A PDF with these objects, the first one the catalog, and a correct cross-reference table."""
    out, offsets = bytearray(b"%PDF-1.7\n"), list[int]()
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, start = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + table
    return bytes(out) + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<" + entries + b"/Length %d>>stream\n" % len(content) + content + b"\nendstream"


def page(resources: bytes = b"", *, box: bytes = b"0 0 612 792", entries: bytes = b"") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>%s>>" % (box, resources, entries)


def one_page(content: bytes, page_object: bytes | None = None, *more: bytes) -> bytes:
    return pdf_of([_CATALOG, _ONE_PAGE, page_object or page(), stream(content), *more])


_STEPPED_PAGE = (
    page(b"/Pattern<</P 5 0 R>>"),
    stream(b"/Pattern cs /P scn 0 0 612 792 re f"),
    stream(
        b"0 0 1 1 re f",
        b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 600]/XStep .01/YStep .01/Resources<<>>",
    ),
)


def tiling_step() -> bytes:
    """A pattern that is as large as the page, stepped 0.01 points at a time over the page."""
    return pdf_of([_CATALOG, _ONE_PAGE, *_STEPPED_PAGE])


def form_fan_out() -> bytes:
    """Thirty forms, each of which draws the next one twice."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]"
    forms = [stream(b"/X Do /X Do", form + b"/Resources<</XObject<</X %d 0 R>>>>" % (6 + i)) for i in range(30)]
    return one_page(b"/X Do", page(b"/XObject<</X 5 0 R>>"), *forms, stream(b"0 0 9 9 re f", form))


def content_bomb() -> bytes:
    """Half a gigabyte of path segments in two kilobytes."""
    squeeze, block = zlib.compressobj(9), b"0 0 m 9 9 l " * 100_000
    content = b"".join([*(squeeze.compress(block) for _ in range(400)), squeeze.flush()])
    twice = stream(zlib.compress(content, 9), b"/Filter[/FlateDecode/FlateDecode]")
    return pdf_of([_CATALOG, _ONE_PAGE, page(), twice])


def lying_count() -> bytes:
    return pdf_of([_CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", page(), stream(b"")])


def page_tree_cycle() -> bytes:
    return pdf_of([_CATALOG, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"])


def no_pages() -> bytes:
    return pdf_of([_CATALOG, b"<</Type/Pages/Kids[]/Count 0>>"])


def deep_array() -> bytes:
    return one_page(b"").replace(b"/Type/Catalog", b"/Type/Catalog/A " + b"[" * 2_000_000 + b"]" * 2_000_000)


def page_box(box: bytes) -> bytes:
    return one_page(b"0 0 9 9 re f", page(box=box))


def three_pages_the_second_hangs() -> bytes:
    """Pages 1 and 3 are blank, page 2 is the stepped pattern."""
    blank = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>"
    return pdf_of([_CATALOG, b"<</Type/Pages/Kids[6 0 R 3 0 R 7 0 R]/Count 3>>", *_STEPPED_PAGE, blank, blank])
