# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingParameterType=false, reportUnknownParameterType=false
# pyright: reportAttributeAccessIssue=false
# PyMuPDF is only partly typed.
"""Documents that the tests draw themselves, and a look at what was rendered of them."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pymupdf
from PIL import Image

from ocr_mcp.model.images import PageImage

_UNENCRYPTED, _AES_256 = 1, 5  # PDF_ENCRYPT_NONE and PDF_ENCRYPT_AES_256 are set at run time
Colour = tuple[int, int, int]


def pdf_bytes(*, pages: int = 1) -> bytes:
    """The same PDF as `pdf` writes, not written."""
    with TemporaryDirectory() as folder:
        return Path(pdf(Path(folder) / "drawn.pdf", pages=pages)).read_bytes()


def pdf(path: Path, *, pages: int = 1, rotation: int = 0, password: str | None = None, owner: str | None = None) -> str:
    """A PDF of 400 x 200 points whose pages say their number at the top left, with a red square at the bottom right."""
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=400, height=200)
            page.insert_text((20, 40), f"This is page {number}", fontsize=20)
            page.draw_rect(pymupdf.Rect(350, 150, 400, 200), fill=(1, 0, 0), color=None)
            page.set_rotation(rotation)
        encryption = _AES_256 if password or owner else _UNENCRYPTED
        document.save(path, encryption=encryption, user_pw=password or "", owner_pw=owner or "owner")
    return str(path)


def save(image: Image.Image, path: Path, **options: object) -> str:
    image.save(path, **options)  # pyright: ignore[reportArgumentType]  each format has its own options
    return str(path)


def cut(path: str) -> str:
    """The same file without its second half."""
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
    return path


def colours(picture: PageImage, *points: tuple[float, float]) -> list[Colour]:
    """The colours at points given as fractions of width and height, rounded so that JPEG does not matter."""
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.mode == "RGB"
        assert image.size == (picture.width_px, picture.height_px)
        found = [image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1)))) for x, y in points]
    return [tuple(round(channel / 16) * 16 for channel in pixel) for pixel in found]  # pyright: ignore
