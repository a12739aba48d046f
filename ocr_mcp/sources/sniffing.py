"""Tell the kind of a file by its first bytes, never by its name."""

from collections.abc import Callable
from enum import StrEnum

from ocr_mcp.errors import UnsupportedFormatError
from ocr_mcp.workers.handover import Payload

_PDF_WITHIN_BYTES = 1024
_TEXT_SAMPLE_BYTES = 4096
_FONT_SAMPLE_BYTES = 1_000_000
_BMP_HEADER_SIZES = (12, 16, 40, 52, 56, 64, 108, 124)
_EXPORT_HINT = "Open it in the program that made it and export it as PDF."


class SourceKind(StrEnum):
    """Formats that are read, as their media types."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    BMP = "image/bmp"
    GIF = "image/gif"
    TIFF = "image/tiff"


_READ_FORMATS: tuple[tuple[Callable[[Payload], bool], SourceKind], ...] = (
    (lambda data: data[:8] == b"\x89PNG\r\n\x1a\n", SourceKind.PNG),
    (lambda data: data[:3] == b"\xff\xd8\xff", SourceKind.JPEG),
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", SourceKind.WEBP),
    (lambda data: data[:6] in (b"GIF87a", b"GIF89a"), SourceKind.GIF),
    (lambda data: data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), SourceKind.TIFF),
    (lambda data: data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADER_SIZES, SourceKind.BMP),
    (lambda data: b"%PDF" in data[:_PDF_WITHIN_BYTES], SourceKind.PDF),
)

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_REFUSED_FORMATS: tuple[tuple[Callable[[Payload], bool], str, str], ...] = (
    (
        lambda data: data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS,
        "a HEIC photo",
        "Export it as JPEG, for example from the photo viewer, and read that.",
    ),
    (
        lambda data: data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"),
        "an AVIF picture",
        "Save it as PNG or JPEG and read that.",
    ),
    (lambda data: data[4:8] == b"ftyp", "a video", "Take a screenshot of the part to read."),
    (lambda data: b"<svg" in data[:2048].lower(), "an SVG drawing", "Export it as PNG or PDF and read that."),
    (
        lambda data: (
            data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower() == b"<!doctype" or b"<html" in data[:2048].lower()
        ),
        "a web page",
        "If it was to be a download, open the address in a browser and save the document itself.",
    ),
    (
        lambda data: data[:4] == b"PK\x03\x04" and (data.find(b"[Content_Types].xml") >= 0 or b"mimetype" in data[:64]),
        "an Office document or an e-book",
        _EXPORT_HINT,
    ),
    (lambda data: data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", _EXPORT_HINT),
    (
        lambda data: data[:4] in (b"PK\x03\x04", b"7z\xbc\xaf", b"Rar!") or data[:2] == b"\x1f\x8b",
        "an archive",
        "Unpack it and read the files in it.",
    ),
    (
        lambda data: data[4:8] == b"jP  " or data[:4] == b"\xff\x4f\xff\x51",
        "a JPEG 2000 picture",
        "Save it as PNG or JPEG and read that.",
    ),
    (lambda data: data[:4] == b"8BPS", "a Photoshop file", "Export it as PNG and read that."),
    (lambda data: data[:4] == b"%!PS", "a PostScript file", "Convert it to PDF, for example with ps2pdf."),
    (lambda data: data[:8] == b"AT&TFORM", "a DjVu document", "Convert it to PDF, for example with ddjvu -format=pdf."),
    (lambda data: data[:5] == b"{\\rtf", "a rich-text document", _EXPORT_HINT),
)


def sniff(data: Payload, name: str) -> SourceKind:
    """Return the kind of a file. Raises `UnsupportedFormatError`, which says what it looks like and what to do."""
    if (kind := _find_kind(data)) is not None:
        return kind
    for matches, looks_like, hint in _REFUSED_FORMATS:
        if matches(data):
            raise UnsupportedFormatError(f"'{name}' is {looks_like}, which is not read.", hint=hint)
    if _is_text(data[:_TEXT_SAMPLE_BYTES]):
        raise UnsupportedFormatError(f"'{name}' is plain text.", hint="It needs no OCR: read it as it is.")
    raise UnsupportedFormatError(
        f"'{name}' is neither a PDF nor a picture that is known here.",
        hint="PDF, PNG, JPEG, WebP, BMP, GIF and TIFF are read.",
    )


def is_likely_scan(data: Payload) -> bool:
    """Return True for a picture, and for a PDF that names no font where most PDFs do.

    This is a guess, and a wrong one costs only some work.
    """
    kind = _find_kind(data)
    if kind is not SourceKind.PDF:
        return kind is not None
    return b"/Font" not in data[:_FONT_SAMPLE_BYTES] and b"/Font" not in data[-_FONT_SAMPLE_BYTES:]


def _find_kind(data: Payload) -> SourceKind | None:
    return next((kind for matches, kind in _READ_FORMATS if matches(data)), None)


def _is_text(sample: bytes) -> bool:
    try:
        text = sample.decode()
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 3:  # the sample does not just end within a character
            return False
        text = sample[: error.start].decode()
    return all(character.isprintable() or character.isspace() for character in text)
