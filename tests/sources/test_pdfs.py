"""PDFs: what is shown, what text they carry, and what damaged ones come to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ocr_mcp.errors import (
    CorruptSourceError,
    EmptySourceError,
    EncryptedError,
    OcrError,
    RenderTimeoutError,
    SourceError,
    UnrenderableError,
    UnsupportedFormatError,
)
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size
from ocr_mcp.model.images import Raster
from ocr_mcp.model.text_layers import TextLayer
from ocr_mcp.sources.documents import SourceReader
from tests.sources import hostile_pdfs
from tests.sources.drawn import colours, cut, pdf
from torture.corpus.pdfs import PDFS, many_pages

pytestmark = pytest.mark.anyio

SMALL = Raster(dpi=72)
WHITE, RED = (256, 256, 256), (256, 0, 0)


async def text_layer_of(reader: SourceReader, path: str) -> TextLayer:
    async with reader.open(path) as source:
        layer = await source.text_layer(1)
    assert layer is not None
    return layer


@pytest.mark.parametrize(
    ("rotation", "size", "red_at", "text_starts"),
    [
        (0, Size(width=400, height=200), (0.95, 0.9), (20, 20)),
        (90, Size(width=200, height=400), (0.1, 0.95), (155, 20)),
        (180, Size(width=400, height=200), (0.05, 0.1), (255, 155)),
        (270, Size(width=200, height=400), (0.9, 0.05), (20, 255)),
    ],
)
async def test_a_page_is_shown_and_its_text_is_placed_as_it_is_displayed(
    rotation: int,
    size: Size,
    red_at: tuple[float, float],
    text_starts: tuple[float, float],
    reader: SourceReader,
    tmp_path: Path,
) -> None:
    path = pdf(tmp_path / "turned.pdf", rotation=rotation)
    async with reader.open(path) as source:
        picture = await source.render(1, SMALL)
    assert (picture.page_size, picture.unit, picture.width_px) == (size, PageUnit.POINT, size.width)
    assert colours(picture, red_at, (1 - red_at[0], 1 - red_at[1])) == [RED, WHITE]
    (line,) = (await text_layer_of(reader, path)).lines
    assert line.text == "This is page 1"
    assert (line.box.left, line.box.top) == pytest.approx(text_starts, abs=5)


async def test_a_region_is_drawn_alone_and_stretched_to_the_wanted_pixels(reader: SourceReader, tmp_path: Path) -> None:
    region = BoundingBox(left=340, top=140, right=400, bottom=200)
    async with reader.open(pdf(tmp_path / "a.pdf")) as source:
        picture = await source.render(1, Raster(long_edge_px=601), region=region)
    assert (picture.region, picture.width_px, picture.height_px) == (region, 601, 601)
    assert colours(picture, (0.05, 0.05), (0.3, 0.3), (0.9, 0.9)) == [WHITE, RED, RED]


async def test_lines_carry_their_font_and_hidden_text_is_counted(reader: SourceReader, tmp_path: Path) -> None:
    content = b"""BT /B 12 Tf 20 700 Td (bold of\\256ce) Tj ET BT /C 9 Tf 20 600 Td (code) Tj ET
        BT 3 Tr /B 12 Tf 20 500 Td (hiddenhiddenhid) Tj ET"""
    fonts = b"""/Font<</B<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/StandardEncoding>>
        /C<</Type/Font/Subtype/Type1/BaseFont/Courier>>>>"""
    (tmp_path / "fonts.pdf").write_bytes(hostile_pdfs.one_page(content, hostile_pdfs.page(fonts)))
    layer = await text_layer_of(reader, str(tmp_path / "fonts.pdf"))
    facts = [(line.text, line.font_size, line.bold, line.monospaced) for line in layer.lines]
    assert facts[:2] == [("bold office", 12, True, False), ("code", 9, False, True)]
    assert layer.lines[0].block_index < layer.lines[1].block_index
    assert layer.invisible_fraction == pytest.approx(15 / 29)


async def test_pictures_on_a_page_are_measured_once_where_they_overlap(reader: SourceReader, tmp_path: Path) -> None:
    dot = hostile_pdfs.stream(
        b"\0", b"/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray"
    )
    content = b"q 306 0 0 792 0 0 cm /I Do Q q 306 0 0 396 0 0 cm /I Do Q"
    data = hostile_pdfs.one_page(content, hostile_pdfs.page(b"/XObject<</I 5 0 R>>"), dot)
    (tmp_path / "half.pdf").write_bytes(data)
    layer = await text_layer_of(reader, str(tmp_path / "half.pdf"))
    assert layer.raster_cover == pytest.approx(0.5, abs=0.01)
    assert layer.picture_boxes[1] == BoundingBox(left=0, top=396, right=306, bottom=792)


async def test_a_page_inside_a_crop_box_is_measured_from_its_corner(reader: SourceReader, tmp_path: Path) -> None:
    font = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    page = hostile_pdfs.page(font, entries=b"/CropBox[100 100 500 700]")
    data = hostile_pdfs.one_page(b"BT /F 10 Tf 110 680 Td (inside) Tj 0 -660 Td (outside) Tj ET", page)
    (tmp_path / "cropped.pdf").write_bytes(data)
    layer = await text_layer_of(reader, str(tmp_path / "cropped.pdf"))
    assert [line.text for line in layer.lines] == ["inside"]
    assert (layer.lines[0].box.left, layer.lines[0].box.bottom) == pytest.approx((10, 23), abs=2)


async def test_a_pdf_that_needs_a_password_is_refused(reader: SourceReader, tmp_path: Path) -> None:
    with pytest.raises(EncryptedError, match=r"'locked\.pdf' is encrypted"):
        async with reader.open(pdf(tmp_path / "locked.pdf", password="secret")):
            pass


async def test_a_pdf_that_only_restricts_its_use_is_read(reader: SourceReader, tmp_path: Path) -> None:
    assert (await text_layer_of(reader, pdf(tmp_path / "owned.pdf", owner="secret"))).lines


async def test_a_pdf_that_is_cut_short_is_repaired_and_says_so(reader: SourceReader, tmp_path: Path) -> None:
    async with reader.open(cut(pdf(tmp_path / "cut.pdf", pages=20))) as source:
        assert [issue.code for issue in source.issues] == [IssueCode.REPAIRED]
        await source.render(1, SMALL)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (hostile_pdfs.no_pages, EmptySourceError),
        (hostile_pdfs.lying_count, CorruptSourceError),
        (hostile_pdfs.page_tree_cycle, CorruptSourceError),
        (hostile_pdfs.deep_array, CorruptSourceError),
        (lambda: b"%PDF-1.7 and nothing else", CorruptSourceError),
        (lambda: b"<html>%PDF-1.7</html>", SourceError),
        (lambda: hostile_pdfs.page_box(b"0 0 1 14400"), UnrenderableError),
        (hostile_pdfs.tiling_step, RenderTimeoutError),
        (hostile_pdfs.form_fan_out, RenderTimeoutError),
    ],
)
async def test_a_hostile_pdf_is_a_typed_error_within_its_deadline(
    make: Callable[[], bytes], error: type[OcrError], hasty_reader: SourceReader, tmp_path: Path
) -> None:
    (tmp_path / "hostile.pdf").write_bytes(make())
    with pytest.raises(error) as caught:
        async with hasty_reader.open(str(tmp_path / "hostile.pdf")) as source:
            await source.render(1, SMALL)
    assert caught.value.hint


@pytest.mark.parametrize("box", [b"0 0 14400 14400", b"0 0 1e6 1e6", b"0 0 nan nan", b"0 0 -612 -792", b"0 0 0 0"])
async def test_a_page_box_that_lies_costs_no_more_than_an_honest_one(
    box: bytes, reader: SourceReader, tmp_path: Path
) -> None:
    (tmp_path / "box.pdf").write_bytes(hostile_pdfs.page_box(box))
    async with reader.open(str(tmp_path / "box.pdf")) as source:
        picture = await source.render(1, Raster(dpi=150, max_edge_px=2000))
    assert max(picture.width_px, picture.height_px) <= 2000


@pytest.mark.parametrize("name", ["tree that holds itself", "tree that holds its root", "page that is not there"])
async def test_a_page_tree_that_leads_to_no_page_is_damaged_from_the_start(
    name: str, reader: SourceReader, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(PDFS[name][0]())
    with pytest.raises(CorruptSourceError):
        async with reader.open(str(tmp_path / "a.pdf")):
            pass


async def test_a_page_tree_that_goes_round_after_a_page_loses_only_the_rest(
    reader: SourceReader, tmp_path: Path
) -> None:
    (tmp_path / "a.pdf").write_bytes(PDFS["tree that holds itself after a page"][0]())
    async with reader.open(str(tmp_path / "a.pdf")) as source:
        await source.render(1, SMALL)
        with pytest.raises(CorruptSourceError, match="Page 2"):
            await source.render(2, SMALL)


async def test_a_page_that_the_file_lacks_is_damaged_and_not_blank(reader: SourceReader, tmp_path: Path) -> None:
    tree = b"<</Type/Pages/Kids[3 0 R 99 0 R]/Count 2>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", tree, hostile_pdfs.page(), hostile_pdfs.stream(b"")]
    (tmp_path / "a.pdf").write_bytes(hostile_pdfs.pdf_of(objects))
    async with reader.open(str(tmp_path / "a.pdf")) as source:
        await source.render(1, SMALL)
        with pytest.raises(CorruptSourceError, match="Page 2 is damaged"):
            await source.render(2, SMALL)


async def test_any_page_of_a_hundred_thousand_is_reached_at_once(reader: SourceReader, tmp_path: Path) -> None:
    (tmp_path / "long.pdf").write_bytes(many_pages(100_000))
    async with reader.open(str(tmp_path / "long.pdf")) as source:
        assert source.page_count == 100_000
        for number in (1, 50_000, 100_000):
            await source.render(number, SMALL)


async def test_text_that_bursts_the_memory_limit_loses_only_itself(reader: SourceReader, tmp_path: Path) -> None:
    (tmp_path / "bomb.pdf").write_bytes(hostile_pdfs.content_bomb())
    with pytest.raises(UnrenderableError):
        async with reader.open(str(tmp_path / "bomb.pdf")) as source:
            await source.text_layer(1)
    assert (await text_layer_of(reader, pdf(tmp_path / "good.pdf"))).lines


async def test_every_real_pdf_gives_a_page_or_a_typed_error(reader: SourceReader, shared_data: Path) -> None:
    """The collections of pypdf, OCRmyPDF, qpdf, pdf.js and veraPDF, damaged ones among them."""
    folders = ("pypdf_samples", "malformed_qpdf", "malformed_pdfjs", "malformed_verapdf")
    paths = [path for folder in folders for path in sorted((shared_data / folder).iterdir())]
    failed: dict[str, OcrError] = {}
    for path in paths:
        try:
            async with reader.open(str(path)) as source:
                await source.render(1, SMALL)
                await source.text_layer(1)
        except (SourceError, UnrenderableError) as error:
            failed[path.name] = error
    locked = failed["005-libreoffice-writer-password__libreoffice-writer-password.pdf"]
    assert isinstance(locked, EncryptedError)
    assert isinstance(failed["LICENSE"], UnsupportedFormatError)
    assert all(error.hint and not isinstance(error, RenderTimeoutError) for error in failed.values())
    assert len(failed) < len(paths) / 2


async def test_a_rotated_real_page_is_displayed_upright(reader: SourceReader, shared_data: Path) -> None:
    path = shared_data / "pypdf_samples" / "015-arabic__habibi-rotated.pdf"
    async with reader.open(str(path)) as source:
        sizes = [(await source.page_info(number)).size for number in range(1, source.page_count + 1)]
    assert {round(size.width) for size in sizes} == {595, 842}
