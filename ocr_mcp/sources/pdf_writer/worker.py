# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# pyright: reportPrivateUsage=false
# PyMuPDF and Pillow are only partly typed.
"""The writing worker: a child process that makes a searchable PDF of a document and its words.

PDF pages stay as they are. Of pictures each becomes a page of its size, JPEG as it is and other formats without loss.
A process of its own, because writing changes the document, and takes more memory than rendering one.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from PIL import Image, ImageOps

from ocr_mcp.errors import UnrenderableError
from ocr_mcp.sources.pdf_writer.text_under_page import FONT, InvisibleText, Row, instructions, mupdf, pymupdf
from ocr_mcp.sources.render_worker import pdf_pages, picture_pages
from ocr_mcp.sources.sniffing import SourceKind, sniff
from ocr_mcp.workers.child import Handler, serve
from ocr_mcp.workers.frames import Header

POINTS_PER_INCH = 72.0
UNKNOWN_DPI = 150.0
"""Of a picture that does not say how large it is, or says what cannot be."""

_MIN_DPI, _MAX_DPI = 73.0, 2400.0  # 72 is what programs write that do not know
_KEEP_ENCRYPTION = 0
_UNUSED_OBJECTS_GO = 1
_ERRORS = (pdf_pages.FzErrorBase, RuntimeError, ValueError, IndexError, TypeError, OSError)


def load_handlers() -> Mapping[str, Handler]:
    """The one operation, rehearsed: a sandbox finds no file later, and libraries load much when they first need it."""
    picture_pages.load_plugins()
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "text", render_mode=3)
        document.new_page().insert_text((72, 72), "text")
        _rehearse(document.tobytes())
    picture = Image.new("RGB", (9, 9))
    for kind in (SourceKind.PNG, SourceKind.JPEG, SourceKind.TIFF):
        out = io.BytesIO()
        picture.save(out, kind.name)
        _rehearse(out.getvalue())
    return {"write": write}


def _rehearse(data: bytes) -> None:
    words = [b'[%d,[["word",0,0,9,9,false]]]\n' % (page + 1) for page in range(2 if data.startswith(b"%PDF") else 1)]
    write({"name": "rehearsal", "document_bytes": len(data)}, data + b"".join(words))


def write(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    """Payload: the document, then the words of its pages as lines of `encode_words`. Answer: the PDF."""
    document_bytes, name = cast("int", arguments["document_bytes"]), str(arguments["name"])
    data, lines = payload[:document_bytes], payload[document_bytes:].splitlines()
    kind = sniff(data, name)
    digest = hashlib.sha256(payload).hexdigest()[:16]
    try:
        if kind is SourceKind.PDF:
            return {}, _searchable(pymupdf.open(stream=data, filetype="pdf"), lines, [], digest)
        document, scales = _picture_document(data, kind, name)
        return {}, _searchable(document, lines, scales, digest)
    except _ERRORS as error:
        if "alloc (" in str(error):
            raise MemoryError from error
        raise UnrenderableError(
            f"'{name}' cannot be written as a searchable PDF.", hint="Print it to a new PDF and read that."
        ) from error


def _searchable(document: Any, lines: list[bytes], scales: list[float], digest: str) -> bytes:
    """A repair takes back what was added: so damage is looked for first; if saving finds some, all is done again."""
    for line in lines:
        instructions(document[_index(line)])
    for _ in range(2):
        pdf = _saved(document, lines, scales, digest)
        if _holds_words(pdf, lines):
            return pdf
    raise ValueError("The words are not in the PDF that was saved.")


def _holds_words(pdf: bytes, lines: list[bytes]) -> bool:
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return all(FONT.encode() in document[_index(line)].read_contents() for line in lines)


def _index(line: bytes) -> int:
    """The page of a line, from 0."""
    return int(line[1 : line.index(b",")]) - 1


def _saved(document: Any, lines: list[bytes], scales: list[float], digest: str) -> bytes:
    text = InvisibleText(document)
    for line in lines:
        number, words = cast("tuple[int, list[Row]]", json.loads(line))
        text.add(number - 1, _scaled(words, scales[number - 1] if scales else 1.0))
    text.finish()
    _identify(document, digest)
    return document.tobytes(garbage=_UNUSED_OBJECTS_GO, deflate=True, encryption=_KEEP_ENCRYPTION, no_new_id=True)


def _identify(document: Any, digest: str) -> None:
    """Name the file after its content, so that the same document and words give the same bytes.

    The first half of `/ID` stays that of the original, if it has one: it is a part of the key of an encrypted file
    (ISO 32000-1, 7.6.3.3).
    """
    pdf = pymupdf._as_pdf_document(document)
    trailer = mupdf.pdf_trailer(pdf)
    name = mupdf.pdf_new_string(digest, len(digest))
    original = mupdf.pdf_array_get(mupdf.pdf_dict_gets(trailer, "ID"), 0)
    names = mupdf.pdf_new_array(pdf, 2)
    mupdf.pdf_array_push(names, original if mupdf.pdf_is_string(original) else name)
    mupdf.pdf_array_push(names, name)
    mupdf.pdf_dict_puts(trailer, "ID", names)


def _scaled(words: list[Row], scale: float) -> Iterator[Row]:
    return ((text, *(edge * scale for edge in box), turned) for text, *box, turned in words)


def _picture_document(data: bytes, kind: SourceKind, name: str) -> tuple[Any, list[float]]:
    """A page for each picture, and how many points each of its pixels is."""
    pages = picture_pages.PicturePages(data, kind, name)
    document, scales = pymupdf.open(), list[float]()
    for index in range(pages.page_count):
        width, height = pages.page_size(index)  # refuses what is too large to decode
        picture, scale = _picture(data, kind, index)
        page = document.new_page(width=width * scale, height=height * scale)
        page.insert_image(page.rect, stream=picture, keep_proportion=False)
        scales.append(scale)
    return document, scales


def _picture(data: bytes, kind: SourceKind, index: int) -> tuple[bytes, float]:
    """The picture upright, as JPEG or PNG, and points for each pixel."""
    with Image.open(io.BytesIO(data), formats=(kind.name,)) as image:
        image.seek(index)
        image.load()
        upright = ImageOps.exif_transpose(image)
        is_as_stored = kind is SourceKind.JPEG and upright.size == image.size and not _is_turned(image)
        scale = POINTS_PER_INCH / _dpi(image)
    if is_as_stored and upright.mode in {"L", "RGB"}:
        return data, scale
    return _encoded(upright, kind), scale


def _is_turned(image: Image.Image) -> bool:
    return image.getexif().get(0x0112, 1) != 1


def _encoded(frame: Image.Image, kind: SourceKind) -> bytes:
    if kind in {SourceKind.JPEG, SourceKind.WEBP} or frame.info.get("compression") == "jpeg":
        return picture_pages.encode_jpeg(picture_pages.convert_to_rgb(frame), 95)
    is_plain = frame.mode in {"1", "L"} and "transparency" not in frame.info
    out = io.BytesIO()
    (frame if is_plain else picture_pages.convert_to_rgb(frame)).save(out, "PNG", compress_level=6)
    return out.getvalue()


def _dpi(image: Image.Image) -> float:
    said: object = image.info.get("dpi")
    dpi = float(cast("tuple[float, ...]", said)[0]) if isinstance(said, tuple) and said else 0.0
    return dpi if _MIN_DPI <= dpi <= _MAX_DPI else UNKNOWN_DPI


if __name__ == "__main__":
    serve(load_handlers, sandboxed=True)
