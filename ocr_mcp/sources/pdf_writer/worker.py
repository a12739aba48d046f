# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# pyright: reportPrivateUsage=false
# PyMuPDF and Pillow are only partly typed.
"""The writing worker: a sandboxed child process that makes a searchable PDF of a document and its words.

PDF pages stay as they are. Each picture becomes a page of its own size. A JPEG file is embedded as it is, unless it
must be turned or converted; it is then encoded anew as JPEG, as are WebP and TIFF with JPEG compression. All other
formats are encoded without loss as PNG. Writing has a process of its own, because it changes the document and takes
more memory than rendering.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from PIL import Image, ImageOps

from ocr_mcp.errors import UnrenderableError
from ocr_mcp.sources.pdf_writer.text_under_page import (
    FONT_NAME,
    InvisibleText,
    WordFields,
    mupdf,
    pymupdf,
    read_instructions,
)
from ocr_mcp.sources.render_worker import pdf_pages, picture_pages
from ocr_mcp.sources.sniffing import SourceKind, sniff
from ocr_mcp.workers.child import Handler, serve
from ocr_mcp.workers.frames import Header

POINTS_PER_INCH = 72.0
UNKNOWN_DPI = 150.0
"""Resolution that is assumed for a picture without one, or with an implausible one."""

_MIN_DPI, _MAX_DPI = 73.0, 2400.0  # Programs that do not know the resolution write 72.
_KEEP_ENCRYPTION = 0  # PyMuPDF's PDF_ENCRYPT_KEEP.
_UNUSED_OBJECTS_GO = 1  # The value of PyMuPDF's `garbage` that removes unused objects.
_ERRORS = (pdf_pages.FzErrorBase, RuntimeError, ValueError, IndexError, TypeError, OSError)


def load_handlers() -> Mapping[str, Handler]:
    """Return the operation `write` after rehearsing it on small documents of every kind.

    Libraries load files on first use, and the sandbox lets no file be opened later.
    """
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
    """Write the words of a document under its pages and return the PDF as payload.

    The payload is the document (`document_bytes` long), then one line of `encode_words` for each page with words.
    Raises `UnrenderableError` for a document that cannot be written.
    """
    document_bytes, name = cast("int", arguments["document_bytes"]), str(arguments["name"])
    data, lines = payload[:document_bytes], payload[document_bytes:].splitlines()
    kind = sniff(data, name)
    digest = hashlib.sha256(payload).hexdigest()[:16]
    try:
        if kind is SourceKind.PDF:
            return {}, _add_words(pymupdf.open(stream=data, filetype="pdf"), lines, [], digest)
        document, scales = _embed_pictures(data, kind, name)
        return {}, _add_words(document, lines, scales, digest)
    except _ERRORS as error:
        if "alloc (" in str(error):
            raise MemoryError from error
        raise UnrenderableError(
            f"'{name}' cannot be written as a searchable PDF.", hint="Print it to a new PDF and read that."
        ) from error


def _add_words(document: Any, lines: list[bytes], scales: list[float], digest: str) -> bytes:
    """Add the words and return the PDF.

    MuPDF repairs a damaged file when it meets the damage, and a repair discards what was added before. All drawing
    instructions are therefore read first. If saving still causes a repair, the words are added a second time.
    """
    for line in lines:
        read_instructions(document[_page_index(line)])
    for _ in range(2):
        pdf = _save_with_words(document, lines, scales, digest)
        if _holds_words(pdf, lines):
            return pdf
    raise ValueError("The words are not in the PDF that was saved.")


def _holds_words(pdf: bytes, lines: list[bytes]) -> bool:
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return all(FONT_NAME.encode() in document[_page_index(line)].read_contents() for line in lines)


def _page_index(line: bytes) -> int:
    """Return the 0-based page index of a line of words."""
    return int(line[1 : line.index(b",")]) - 1


def _save_with_words(document: Any, lines: list[bytes], scales: list[float], digest: str) -> bytes:
    text = InvisibleText(document)
    for line in lines:
        number, words = cast("tuple[int, list[WordFields]]", json.loads(line))
        text.add(number - 1, _scale_words(words, scales[number - 1] if scales else 1.0))
    text.finish()
    _identify(document, digest)
    return document.tobytes(garbage=_UNUSED_OBJECTS_GO, deflate=True, encryption=_KEEP_ENCRYPTION, no_new_id=True)


def _identify(document: Any, digest: str) -> None:
    """Set the file's `/ID` from its content, so that the same document and words give the same bytes.

    The first half of `/ID` stays that of the original if there is one, because an encrypted file's key is made from it
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


def _scale_words(words: list[WordFields], scale: float) -> Iterator[WordFields]:
    return ((text, *(edge * scale for edge in box), turned) for text, *box, turned in words)


def _embed_pictures(data: bytes, kind: SourceKind, name: str) -> tuple[Any, list[float]]:
    """Return a PDF with a page for each picture, and the size of a pixel in points for each page."""
    pages = picture_pages.PicturePages(data, kind, name)
    document, scales = pymupdf.open(), list[float]()
    for index in range(pages.page_count):
        width, height = pages.page_size(index)  # Raises an error for a picture that is too large to decode.
        picture, scale = _read_picture(data, kind, index)
        page = document.new_page(width=width * scale, height=height * scale)
        page.insert_image(page.rect, stream=picture, keep_proportion=False)
        scales.append(scale)
    return document, scales


def _read_picture(data: bytes, kind: SourceKind, index: int) -> tuple[bytes, float]:
    """Return the picture upright as JPEG or PNG, and the size of a pixel in points."""
    with Image.open(io.BytesIO(data), formats=(kind.name,)) as image:
        image.seek(index)
        image.load()
        upright = ImageOps.exif_transpose(image)
        is_as_stored = kind is SourceKind.JPEG and upright.size == image.size and not _is_turned(image)
        scale = POINTS_PER_INCH / _read_dpi(image)
    if is_as_stored and upright.mode in {"L", "RGB"}:
        return data, scale
    return _encode_picture(upright, kind), scale


def _is_turned(image: Image.Image) -> bool:
    return image.getexif().get(0x0112, 1) != 1


def _encode_picture(frame: Image.Image, kind: SourceKind) -> bytes:
    if kind in {SourceKind.JPEG, SourceKind.WEBP} or frame.info.get("compression") == "jpeg":
        return picture_pages.encode_jpeg(picture_pages.convert_to_rgb(frame), 95)
    is_plain = frame.mode in {"1", "L"} and "transparency" not in frame.info
    out = io.BytesIO()
    (frame if is_plain else picture_pages.convert_to_rgb(frame)).save(out, "PNG", compress_level=6)
    return out.getvalue()


def _read_dpi(image: Image.Image) -> float:
    said: object = image.info.get("dpi")
    dpi = float(cast("tuple[float, ...]", said)[0]) if isinstance(said, tuple) and said else 0.0
    return dpi if _MIN_DPI <= dpi <= _MAX_DPI else UNKNOWN_DPI


if __name__ == "__main__":
    serve(load_handlers, sandboxed=True)
