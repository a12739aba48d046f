"""Pictures as documents, among them those that a careless reader gets wrong.

Examples are 16-bit grey, transparency, CMYK, EXIF rotation, several frames, cut files and huge sizes.
"""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from ocr_mcp.errors import CorruptSourceError, SourceTooLargeError, UnsupportedFormatError
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size
from ocr_mcp.model.images import Raster
from ocr_mcp.model.turning import Turn
from ocr_mcp.sources.documents import SourceReader
from tests.sources.drawn import colours, cut, save
from torture.corpus.pictures import PICTURES

pytestmark = pytest.mark.anyio

AS_IS = Raster(dpi=150)
WHITE, BLACK, RED, GREY = (256, 256, 256), (0, 0, 0), (256, 0, 0), (160, 160, 160)
TOP_LEFT, MIDDLE, BOTTOM_RIGHT = (0.1, 0.1), (0.5, 0.5), (0.9, 0.9)


def marked(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """White, with a red quarter at the top left."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    return image


@pytest.mark.parametrize(
    "media_type", ["image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif", "image/tiff"]
)
async def test_every_format_is_read_whatever_its_name(media_type: str, reader: SourceReader, tmp_path: Path) -> None:
    async with reader.open(save(marked(), tmp_path / "picture.pdf", format=media_type[6:])) as source:
        picture = await source.render(1, AS_IS)
        assert (source.media_type, source.unit, source.page_count, source.issues) == (
            media_type,
            PageUnit.PIXEL,
            1,
            (),
        )
        assert (picture.width_px, picture.height_px, picture.page_size) == (80, 40, Size(width=80, height=40))
        assert colours(picture, TOP_LEFT, BOTTOM_RIGHT) == [RED, WHITE]
        assert await source.text_layer(1) is None


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff"])
@pytest.mark.parametrize(
    ("orientation", "red_at"), [(3, (0.9, 0.9)), (6, (0.9, 0.1)), (8, (0.1, 0.9)), (2, (0.9, 0.1)), (5, (0.1, 0.1))]
)
async def test_a_photo_is_turned_as_its_exif_says(
    suffix: str, orientation: int, red_at: tuple[float, float], reader: SourceReader, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    async with reader.open(save(marked(), tmp_path / f"photo.{suffix}", exif=exif)) as source:
        picture = await source.render(1, AS_IS)
    size = (40, 80) if orientation >= 5 else (80, 40)
    assert (picture.width_px, picture.height_px) == size
    assert colours(picture, red_at, (1 - red_at[0], 1 - red_at[1])) == [RED, WHITE]


async def test_every_frame_of_a_tiff_is_a_page(reader: SourceReader, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20 * number, 30), colour) for number, colour in enumerate(("red", "white", "black"), 1)]
    async with reader.open(save(frames[0], tmp_path / "fax.tiff", save_all=True, append_images=frames[1:])) as source:
        assert (source.page_count, source.issues) == (3, ())
        pictures = [await source.render(number, AS_IS) for number in (3, 1, 2)]
    assert [picture.width_px for picture in pictures] == [60, 20, 40]
    assert [colours(picture, MIDDLE) for picture in pictures] == [[BLACK], [RED], [WHITE]]


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
async def test_of_an_animation_the_first_frame_is_read_and_the_rest_is_mentioned(
    suffix: str, reader: SourceReader, tmp_path: Path
) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "black", "white")]
    async with reader.open(
        save(frames[0], tmp_path / f"moving.{suffix}", save_all=True, append_images=frames[1:])
    ) as source:
        picture = await source.render(1, AS_IS)
        assert source.page_count == 1
        assert [issue.code for issue in source.issues] == [IssueCode.FRAMES_IGNORED]
        assert "3 frames" in source.issues[0].message
    assert colours(picture, MIDDLE) == [RED]


def transparent(mode: str) -> Image.Image:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 20, 20))
    return image if mode == "RGBA" else image.convert(mode)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (transparent("RGBA"), [RED, WHITE]),
        (transparent("LA"), [(80, 80, 80), WHITE]),
        (transparent("P"), [RED, WHITE]),
        (Image.new("I;16", (9, 9), 40000), [GREY, GREY]),
        (Image.new("1", (9, 9), 1), [WHITE, WHITE]),
        (Image.new("L", (9, 9), 160), [GREY, GREY]),
    ],
    ids=["alpha", "grey alpha", "palette", "16 bit", "1 bit", "grey"],
)
async def test_transparency_is_white_and_deep_grey_is_rescaled(
    image: Image.Image, expected: list[tuple[int, int, int]], reader: SourceReader, tmp_path: Path
) -> None:
    async with reader.open(save(image, tmp_path / "picture.png")) as source:
        assert colours(await source.render(1, AS_IS), TOP_LEFT, BOTTOM_RIGHT) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("F", (9, 9), 0.625), GREY),
        (Image.new("F", (9, 9), 160.0), GREY),
        (Image.new("I;16", (9, 9), 40000), GREY),
        (Image.new("I;16B", (9, 9), 40000), GREY),
        (Image.new("I", (9, 9), 40000), GREY),
        (Image.new("CMYK", (9, 9), (0, 255, 255, 0)), RED),
    ],
    ids=["float to 1", "float to 255", "16 bit", "16 bit big-endian", "32 bit", "cmyk"],
)
async def test_a_scanner_s_own_pixel_types_become_rgb(
    image: Image.Image, expected: tuple[int, int, int], reader: SourceReader, tmp_path: Path
) -> None:
    async with reader.open(save(image, tmp_path / "scan.tiff")) as source:
        assert colours(await source.render(1, AS_IS), MIDDLE) == [expected]


async def test_a_region_is_cut_out_in_the_pixels_of_the_turned_picture(reader: SourceReader, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    region = BoundingBox(left=20, top=0, right=40, bottom=40)
    async with reader.open(save(marked(), tmp_path / "photo.jpg", exif=exif, quality=95)) as source:
        picture = await source.render(1, AS_IS, region=region)
    assert (picture.region, picture.width_px, picture.height_px) == (region, 20, 40)
    assert colours(picture, MIDDLE) == [RED]


@pytest.mark.parametrize(
    ("turn", "marked_corner", "size"),
    [
        (Turn.NONE, (0.1, 0.1), (80, 40)),
        (Turn.RIGHT, (0.9, 0.1), (40, 80)),
        (Turn.HALF, (0.9, 0.9), (80, 40)),
        (Turn.LEFT, (0.1, 0.9), (40, 80)),
    ],
)
async def test_a_page_is_turned_clockwise_after_exif(
    reader: SourceReader, tmp_path: Path, turn: Turn, marked_corner: tuple[float, float], size: tuple[int, int]
) -> None:
    async with reader.open(save(marked(), tmp_path / "picture.png")) as source:
        picture = await source.render(1, AS_IS, turn=turn)
    assert (picture.width_px, picture.height_px, picture.page_size) == (*size, Size(width=80, height=40))
    assert colours(picture, marked_corner, (1 - marked_corner[0], 1 - marked_corner[1])) == [RED, WHITE]


async def test_an_engine_gets_a_jpeg_of_quality_90_without_metadata(reader: SourceReader, tmp_path: Path) -> None:
    """JPEG of quality 90 costs no accuracy: 6 to 48 ms a page were measured, where PNG takes 49 to 875 ms."""
    expected = io.BytesIO()
    marked().save(expected, "JPEG", quality=90)
    async with reader.open(save(marked(), tmp_path / "photo.jpg", exif=Image.Exif(), dpi=(300, 300))) as source:
        picture = await source.render(1, AS_IS)
    with Image.open(io.BytesIO(picture.data)) as sent, Image.open(expected) as wanted:
        assert sent.quantization == wanted.quantization  # pyright: ignore
        assert (sent.mode, dict(sent.getexif())) == ("RGB", {})


@pytest.mark.parametrize(("noted", "units"), [((300, 300), 300.0), ((72, 72), None), (None, None)])
async def test_a_scan_says_how_large_its_paper_was(
    reader: SourceReader, tmp_path: Path, noted: tuple[int, int] | None, units: float | None
) -> None:
    options = {} if noted is None else {"dpi": noted}
    async with reader.open(save(marked(), tmp_path / "scan.jpg", **options)) as source:
        found = (await source.page_info(1)).units_per_inch
    assert found == units


@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff", "gif", "bmp", "webp"])
async def test_a_picture_that_is_cut_short_is_damaged_and_not_half_read(
    suffix: str, reader: SourceReader, tmp_path: Path
) -> None:
    path = cut(save(Image.effect_noise((200, 200), 90).convert("RGB"), tmp_path / f"cut.{suffix}"))
    with pytest.raises(CorruptSourceError, match="damaged or cut short"):
        async with reader.open(path) as source:
            await source.render(1, AS_IS)


async def test_a_damaged_picture_is_damaged_whenever_it_is_asked_for(reader: SourceReader, tmp_path: Path) -> None:
    """Pillow raises once, and then gives the part that it had decoded."""
    (tmp_path / "sums.png").write_bytes(PICTURES["PNG, wrong sums"][0]())
    async with reader.open(str(tmp_path / "sums.png")) as source:
        for _ in range(3):
            with pytest.raises(CorruptSourceError):
                await source.render(1, AS_IS)


async def test_a_picture_over_64_million_pixels_is_an_error_before_it_is_decoded(
    reader: SourceReader, tmp_path: Path
) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    (tmp_path / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(SourceTooLargeError, match="12000 x 12000"):
        async with reader.open(str(tmp_path / "large.png")):
            pass


def zipped_office() -> bytes:
    return b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC photo"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"<?xml version='1.0'?>\n<svg xmlns='x'/>", "SVG drawing"),
        (b"<!DOCTYPE html><html>%PDX</html>", "web page"),
        (zipped_office(), "Office document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
        (b"PK\x03\x04" + bytes(30), "archive"),
        ("Grüße".encode(), "plain text"),
        (b"\x01\x02\x03\xff\xfe", "neither a PDF nor a picture"),
        (b"%!PS-Adobe-3.0", "PostScript"),
    ],
)
async def test_other_formats_are_named_with_the_next_step(
    data: bytes, says: str, reader: SourceReader, tmp_path: Path
) -> None:
    (tmp_path / "file.pdf").write_bytes(data)
    with pytest.raises(UnsupportedFormatError, match=says) as caught:
        async with reader.open(str(tmp_path / "file.pdf")):
            pass
    assert "file.pdf" in caught.value.message
    assert caught.value.hint


async def test_a_picture_may_come_in_a_data_url(reader: SourceReader) -> None:
    buffer = io.BytesIO()
    marked().save(buffer, "PNG")
    encoded = "".join(f"%{byte:02x}" for byte in buffer.getvalue())
    async with reader.open(f"data:image/png,{encoded}") as source:
        assert (source.name, source.media_type) == ("inline data", "image/png")
        assert colours(await source.render(1, AS_IS), TOP_LEFT) == [RED]
