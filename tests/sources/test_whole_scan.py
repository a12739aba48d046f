# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false
# PyMuPDF is only partly typed.
"""A page that is one scan is sent as it is; in every case of doubt it is drawn."""

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import PageImage, Raster, TileGrid
from ocr_mcp.sources.documents import SourceReader
from tests.sources.jpegs import SIZE, decoded, scan_jpeg, with_segment

pytestmark = pytest.mark.anyio

TILES = TileGrid(tile_px=640, min_tiles=2, max_tiles=9)
RASTER = Raster(grid=TILES, scan_edge_px=2400)
SCAN = scan_jpeg()
A4 = pymupdf.Rect(0, 0, 595, 842)

Change = Callable[[pymupdf.Document, pymupdf.Page], object]


def scanned(path: Path, jpeg: bytes = SCAN, change: Change | None = None, *, box: pymupdf.Rect = A4) -> str:
    """A PDF of one A4 page that shows the scan in the box; `change` does something else to it."""
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        page.insert_image(box, stream=jpeg, keep_proportion=False)
        if change is not None:
            change(document, page)
        document.save(path)
    return str(path)


async def picture(reader: SourceReader, path: str, raster: Raster = RASTER) -> PageImage:
    async with reader.open(path) as source:
        return await source.render(1, raster)


@pytest.mark.parametrize("mode", ["L", "RGB"])
async def test_a_page_that_is_one_scan_is_the_scan_itself(mode: str, reader: SourceReader, tmp_path: Path) -> None:
    jpeg = scan_jpeg(mode=mode)
    found = await picture(reader, scanned(tmp_path / "scan.pdf", jpeg))
    assert found.data == jpeg
    assert (found.width_px, found.height_px) == SIZE


async def test_what_the_scanner_noted_beside_the_picture_stays_here(reader: SourceReader, tmp_path: Path) -> None:
    noted = with_segment(SCAN, 0xE1, b"Exif\0\0 serial number 4711")
    assert (await picture(reader, scanned(tmp_path / "scan.pdf", noted))).data == SCAN


async def test_words_that_another_program_put_behind_the_scan_change_nothing(
    reader: SourceReader, tmp_path: Path
) -> None:
    def add_words(_: pymupdf.Document, page: pymupdf.Page) -> None:
        page.insert_text((50, 50), "What the scan says", render_mode=3)

    assert (await picture(reader, scanned(tmp_path / "scan.pdf", change=add_words))).data == SCAN


def _instruct(before: bytes) -> Change:
    """Put instructions before those of the page."""

    def change(document: pymupdf.Document, page: pymupdf.Page) -> None:
        (contents,) = page.get_contents()
        document.update_stream(contents, before + (document.xref_stream(contents) or b""))

    return change


def _set_on_image(key: str, value: str) -> Change:
    return lambda document, page: document.xref_set_key(page.get_images()[0][0], key, value)


@pytest.mark.parametrize(
    "change",
    [
        lambda _, page: page.insert_text((50, 50), "Paid", fontsize=30),
        lambda _, page: page.draw_line((0, 0), (595, 842)),
        lambda _, page: page.add_highlight_annot(pymupdf.Rect(50, 50, 200, 80)),
        lambda _, page: page.insert_image(pymupdf.Rect(0, 0, 50, 50), stream=scan_jpeg((90, 90))),
        lambda _, page: page.set_rotation(90),
        lambda _, page: page.set_cropbox(pymupdf.Rect(0, 0, 595, 400)),
        _instruct(b"0 0 300 842 re W n "),
        _instruct(b"0 1 -1 0 842 0 cm "),
        _instruct(b"1 0 0 -1 0 842 cm "),
        _set_on_image("Decode", "[1 0]"),
        _set_on_image("Mask", "[0 10]"),
        _set_on_image("DecodeParms", "<</ColorTransform 0>>"),
    ],
    ids=[
        "a stamp",
        "a line",
        "an annotation",
        "a second picture",
        "turned",
        "cropped",
        "clipped",
        "turned by a matrix",
        "upside down",
        "inverted",
        "masked",
        "decoded otherwise",
    ],
)
async def test_a_page_that_shows_anything_else_is_drawn(change: Change, reader: SourceReader, tmp_path: Path) -> None:
    found = await picture(reader, scanned(tmp_path / "page.pdf", change=change))
    assert found.data != SCAN
    assert decoded(found.data).size == (found.width_px, found.height_px)
    assert {found.width_px % 640, found.height_px % 640} == {0}


@pytest.mark.parametrize("box", [pymupdf.Rect(0, 0, 595, 800), pymupdf.Rect(20, 20, 575, 822)])
async def test_a_scan_that_does_not_fill_its_page_is_drawn(
    box: pymupdf.Rect, reader: SourceReader, tmp_path: Path
) -> None:
    assert (await picture(reader, scanned(tmp_path / "page.pdf", box=box))).width_px == 1280


@pytest.mark.parametrize(
    "jpeg", [scan_jpeg((2480, 3508)), scan_jpeg((827, 1170)), scan_jpeg(progressive=True), SCAN[:-2]]
)
async def test_a_scan_that_is_too_fine_too_coarse_or_not_plain_is_drawn(
    jpeg: bytes, reader: SourceReader, tmp_path: Path
) -> None:
    found = await picture(reader, scanned(tmp_path / "page.pdf", jpeg))
    assert (found.width_px, found.height_px) == (1280, 1920)


async def test_a_part_of_a_page_is_drawn_and_so_is_a_page_for_an_engine_that_wants_its_own_size(
    reader: SourceReader, tmp_path: Path
) -> None:
    path = scanned(tmp_path / "page.pdf")
    async with reader.open(path) as source:
        part = await source.render(1, RASTER, region=BoundingBox(left=0, top=0, right=300, bottom=300))
        small = await source.render(1, Raster(dpi=72))
    assert (part.width_px, part.height_px) == (1920, 1920)
    assert (small.width_px, small.height_px) == (595, 842)


async def test_a_scan_and_a_drawn_page_are_told_as_level_only_where_that_is_asked_for(
    reader: SourceReader, tmp_path: Path
) -> None:
    async with reader.open(scanned(tmp_path / "page.pdf")) as source:
        scan = await source.render(1, RASTER, levelness=True)
        drawn = await source.render(1, Raster(dpi=72), levelness=True)
        unasked = await source.render(1, RASTER)
    assert scan.data == SCAN
    assert isinstance(scan.levelness, float)
    assert isinstance(drawn.levelness, float)
    assert unasked.levelness is None
