"""The viewer as a person has it before them. Issue 5: every block's box lies on its text."""

import io
from collections.abc import Generator
from pathlib import Path

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.html_viewer import HtmlStream, PagePicture
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode, Page, PageIssue
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.second_opinions import Difference, DifferenceKind, SecondOpinion
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.settings import Settings
from tests.browser import needs_chromium
from tests.chromium import Pixels, Tab, chromium
from tests.emitters.documents import page

pytestmark = needs_chromium

INVOICE = Path(__file__).parents[2] / "examples" / "invoice.pdf"
WIDTH, HEIGHT = 1300, 900
TALL = 1750
"""A window in which a page is shown large enough for the smallest print to be ink."""

RULE = 60
PAPER = 190
"""Lighter is no ink: grey paper, shaded cells, and the blue of the frames, whose strongest channel counts."""
Bounds = tuple[float, float, float, float]
Mask = NDArray[np.bool_]


@pytest.fixture(scope="module")
def tab() -> Generator[Tab]:
    with chromium() as opened:
        yield opened


def picture_of(image: Image.Image) -> PagePicture:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return PagePicture(data=out.getvalue(), width_px=image.width, height_px=image.height)


def show(
    tab: Tab, folder: Path, *pages: Page, picture: PagePicture | None = None, width: int = WIDTH, height: int = HEIGHT
) -> None:
    stream = HtmlStream()
    header = DocumentHeader(source="a.pdf", media_type="application/pdf", total_pages=len(pages))
    shown = picture or picture_of(Image.new("RGB", (595, 842), "white"))
    parts = [stream.begin(header), *(stream.page(each, shown) for each in pages), stream.end(())]
    file = folder / "viewer.html"
    file.write_text("".join(parts), encoding="utf-8")
    tab.open(file, width=width, height=height)


@pytest.fixture(scope="module")
def invoice() -> tuple[Page, PagePicture]:
    """A scan as the embedded engine reads it, and its picture: not made for this test."""

    async def read() -> tuple[Page, PagePicture]:
        async with Reader(Settings(engine="embedded", embedded_workers=1, cache_mb=0)) as reader:
            found = (await reader.read_page(str(INVOICE), 1, ReadOptions())).page
            image = await reader.picture(str(INVOICE), 1, max_edge_px=1600)
        return found, PagePicture(data=image.data, width_px=image.width_px, height_px=image.height_px)

    return anyio.run(read)


def ink(pixels: Pixels, sheet: Bounds) -> Mask:
    """Where the page is written on, as the screenshot shows it. Frames of boxes are light, and count as paper."""
    left, top, right, bottom = (round(edge) for edge in sheet)
    mask = np.zeros(pixels.shape[:2], dtype=bool)
    mask[top:bottom, left:right] = pixels[top:bottom, left:right].max(axis=2) < PAPER
    return mask & ~rules(mask)


def rules(mask: Mask) -> Mask:
    """Lines that are drawn across the page: they are no text. No letter is so wide."""
    drawn = np.zeros_like(mask)
    for row, column in zip(
        *np.nonzero(np.lib.stride_tricks.sliding_window_view(mask, RULE, axis=1).all(axis=2)), strict=True
    ):
        drawn[row - 1 : row + 2, column : column + RULE] = True
    return drawn


def covered(mask: Mask, boxes: list[Bounds]) -> Mask:
    inside = np.zeros_like(mask)
    for left, top, right, bottom in boxes:
        inside[max(0, round(top) - 1) : round(bottom) + 1, max(0, round(left) - 1) : round(right) + 1] = True
    return inside


def share_inside(mask: Mask, boxes: list[Bounds]) -> float:
    """Return the share of the ink that lies in boxes."""
    return float((mask & covered(mask, boxes)).sum() / mask.sum())


def filled(mask: Mask, box: Bounds) -> float:
    """Return the share of a box that its ink reaches over, in the direction in which it reaches less far."""
    left, top, right, bottom = (round(edge) for edge in box)
    part = mask[top : bottom + 1, left : right + 1]
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    if not len(rows):
        return 0.0
    return min((rows[-1] - rows[0] + 1) / part.shape[0], (columns[-1] - columns[0] + 1) / part.shape[1])


@pytest.mark.parametrize("width", [WIDTH, 760], ids=["side by side", "under each other"])
def test_every_box_lies_on_its_text_and_all_text_in_a_box(
    tab: Tab, tmp_path: Path, invoice: tuple[Page, PagePicture], width: int
) -> None:
    shown, picture = invoice
    show(tab, tmp_path, shown, picture=picture, width=width, height=TALL)
    (sheet,) = tab.bounds(".sheet img")
    boxes = tab.bounds(".box rect")
    mask = ink(tab.pixels(), sheet)
    assert len(boxes) == sum(len(block.boxes) for block in shown.blocks)
    assert len(boxes) > 5
    assert min(filled(mask, box) for box in boxes) > 0.4
    assert share_inside(mask, boxes) > 0.99
    assert covered(mask, boxes).sum() < 0.5 * (sheet[2] - sheet[0]) * (sheet[3] - sheet[1])


def test_boxes_that_were_off_by_a_line_would_be_noticed(
    tab: Tab, tmp_path: Path, invoice: tuple[Page, PagePicture]
) -> None:
    """A viewer whose boxes are in wrong places fails the test above."""
    shown, picture = invoice
    show(tab, tmp_path, shown, picture=picture, height=TALL)
    (sheet,) = tab.bounds(".sheet img")
    mask = ink(tab.pixels(), sheet)
    moved = [(left, top + 28, right, bottom + 28) for left, top, right, bottom in tab.bounds(".box rect")]
    assert min(filled(mask, box) for box in moved) < 0.3
    assert share_inside(mask, moved) < 0.8


def three_pages() -> list[Page]:
    boxes = [BoundingBox(left=60, top=top, right=500, bottom=top + 80) for top in (100, 300, 500)]
    blocks = [Block(label=BlockLabel.TEXT, text=f"Paragraph {at}. " * 12, boxes=(box,)) for at, box in enumerate(boxes)]
    return [page(*blocks, number=number) for number in (4, 7, 9)]


def test_keys_turn_the_pages(tab: Tab, tmp_path: Path) -> None:
    show(tab, tmp_path, *three_pages())

    def seen() -> tuple[str, str]:
        """Return the text of the bar, and the page that has the focus and stands at the top of the window."""
        top = tab.value("document.activeElement.getBoundingClientRect().top")
        assert -5 < top < 120
        return tab.value("document.querySelector('.paging output').textContent"), tab.value("document.activeElement.id")

    assert tab.value("document.querySelector('.paging output').textContent") == "Page 4 (1 of 3)"
    tab.press("ArrowRight")
    assert seen() == ("Page 7 (2 of 3)", "page-7")
    tab.press("End")
    assert tab.value("document.activeElement.id") == "page-9"
    tab.press("ArrowLeft")
    assert seen() == ("Page 7 (2 of 3)", "page-7")
    tab.press("Home")
    assert seen() == ("Page 4 (1 of 3)", "page-4")


def test_pointing_at_a_text_lights_up_its_box_and_no_other(tab: Tab, tmp_path: Path) -> None:
    show(tab, tmp_path, three_pages()[0])
    tab.point_at(2, HEIGHT - 2)
    dark = tab.pixels()
    (box,) = tab.bounds("#b-4-2 rect")
    tab.point_at(*tab.middle_of("#t-4-2"))
    changed = np.abs(tab.pixels() - dark).sum(axis=2) > 12
    (sheet,) = tab.bounds(".sheet img")
    on_sheet = changed[:, round(sheet[0]) : round(sheet[2])]
    rows = np.flatnonzero(on_sheet.any(axis=1))
    assert (rows[0], rows[-1]) == (pytest.approx(box[1], abs=3), pytest.approx(box[3], abs=3))
    assert tab.value("[...document.querySelectorAll('.on')].map(each => each.id)") == ["b-4-2", "t-4-2"]


def test_pointing_at_a_box_lights_up_its_text_and_leaving_it_puts_both_out(tab: Tab, tmp_path: Path) -> None:
    show(tab, tmp_path, three_pages()[0])
    (text,) = tab.bounds("#t-4-3")
    tab.point_at(2, HEIGHT - 2)
    dark = tab.pixels()
    tab.point_at(*tab.middle_of("#b-4-3 rect"))
    changed = np.abs(tab.pixels() - dark).sum(axis=2) > 12
    left, top, right, bottom = (round(edge) for edge in text)
    assert changed[top + 2 : bottom - 2, left + 2 : right - 2].mean() > 0.8
    tab.point_at(2, HEIGHT - 2)
    assert tab.value("document.querySelectorAll('.on').length") == 0


def test_issues_doubtful_blocks_and_what_a_second_reading_denies_are_seen(tab: Tab, tmp_path: Path) -> None:
    box = BoundingBox(left=60, top=100, right=500, bottom=180)
    doubtful = Block(label=BlockLabel.TEXT, text="Total 12.50 in all", boxes=(box,), confidence=0.3)
    issue = PageIssue(code=IssueCode.TRUNCATED, message="The answer reached the limit.")
    wrong = Difference(kind=DifferenceKind.NUMBER, read="12.50", seen="17.50", block=0, boxes=(box,))
    opinion = SecondOpinion(agreement=0.9, differences=(wrong,))
    shown = page(doubtful, issues=(issue,)).model_copy(update={"second_opinion": opinion})
    show(tab, tmp_path, shown)
    pixels = tab.pixels()

    def colours(selector: str) -> Pixels:
        left, top, right, bottom = (round(edge) for edge in tab.bounds(selector)[0])
        return pixels[top : bottom + 1, left : right + 1].reshape(-1, 3)

    def is_reddish(seen: Pixels) -> bool:
        return bool(((seen[:, 0] - seen[:, 2]) > 20).mean() > 0.1)

    assert is_reddish(colours(".notes"))
    assert is_reddish(colours("mark.number"))
    assert ((colours(".differs rect")[:, 0] - colours(".differs rect")[:, 2]) > 60).sum() > 400
    assert tab.value("document.querySelector('.notes').innerText").startswith("The answer reached the limit.")
    assert tab.value("document.querySelector('.doubt').innerText") == "30% sure"


def test_a_page_without_ink_in_its_box_would_be_noticed(tab: Tab, tmp_path: Path) -> None:
    """The measure itself: a box beside its text is empty."""
    image = Image.new("RGB", (595, 842), "white")
    ImageDraw.Draw(image).text((60, 400), "Only these words", fill="black", font_size=30)
    beside = Block(label=BlockLabel.TEXT, text="x", boxes=(BoundingBox(left=60, top=100, right=300, bottom=140),))
    show(tab, tmp_path, page(beside), picture=picture_of(image))
    mask = ink(tab.pixels(), tab.bounds(".sheet img")[0])
    assert filled(mask, tab.bounds(".box rect")[0]) == 0
    assert share_inside(mask, tab.bounds(".box rect")) == 0
