# pyright: reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyMuPDF is only partly typed.
"""Words put under the pages of documents. pdftotext is the judge of what can be found and selected."""

import io
import re
from pathlib import Path

import pymupdf
import pytest
from PIL import Image, ImageDraw

from ocr_mcp.emitters.placed_lines import place_line
from ocr_mcp.errors import UnrenderableError
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.placed_words import encode_words
from ocr_mcp.sources.documents import SourceReader
from ocr_mcp.sources.pdf_writing import write_searchable_pdf
from tests.known_words import needs_pdftotext, text_of, words_of
from tests.sources.drawn import pdf, save
from tests.sources.hostile_pdfs import pdf_of

pytestmark = [pytest.mark.anyio, needs_pdftotext]

BOX = BoundingBox(left=40, top=20, right=190, bottom=40)


async def written(reader: SourceReader, source: str, *texts: str, box: BoundingBox = BOX) -> Path:
    """The document with these lines of text under its first page, the first in the box; it is beside the source."""
    lines = [(text, box.model_copy(update={"top": box.top + 25 * row, "bottom": box.bottom + 25 * row}))
             for row, text in enumerate(texts)]  # fmt: skip
    words = [word for text, line_box in lines for word in place_line(text, line_box)]
    async with reader.open(source) as opened:
        data = await write_searchable_pdf(opened, [encode_words(1, words)])
    target = Path(source).with_suffix(".searchable.pdf")
    target.write_bytes(data)
    return target


def pixels(path: Path | str, page: int = 0) -> bytes:
    with pymupdf.open(path) as document:
        return bytes(document[page].get_pixmap().samples)


def drawing(path: Path, *, crop: bool = False, rotation: int = 0, unit: int = 1) -> str:
    """A page without text, of 300 x 200 as displayed where nothing else is said."""
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=300) if crop else document.new_page(width=300, height=200)
        page.draw_rect((60, 60, 120, 90), fill=(0, 0.5, 0))
        if crop:
            page.set_cropbox(pymupdf.Rect(50, 70, 350, 270))
        page.set_rotation(rotation)
        if unit > 1:
            document.xref_set_key(page.xref, "UserUnit", str(unit))
        document.save(path)
    return str(path)


async def test_every_script_comes_out_as_it_went_in(reader: SourceReader, tmp_path: Path) -> None:
    texts = [
        "Größe: 12 € für é, ß & ø",
        "数据处理和文字识别",
        "日本語のテキスト 한국어 문장",
        "Привет большой мир",
        "Ελληνικά γράμματα",
        "𝔘nicode 😀 𠀀 beyond",
    ]
    path = await written(reader, drawing(tmp_path / "a.pdf"), *texts)
    assert text_of(path, 1) == " ".join(texts)


async def test_arabic_comes_out_in_reading_order(reader: SourceReader, tmp_path: Path) -> None:
    found = text_of(await written(reader, drawing(tmp_path / "a.pdf"), "مرحبا بالعالم"), 1)
    assert found.strip("\u202a\u202b\u202c") == "مرحبا بالعالم"


@pytest.mark.parametrize(("rotation", "crop"), [(0, True), (90, False), (180, True), (270, True)])
async def test_a_word_stands_where_it_is_seen(reader: SourceReader, tmp_path: Path, rotation: int, crop: bool) -> None:
    """On turned and cropped pages too; pdftotext counts from the corner of the uncropped page, so MuPDF is asked."""
    path = await written(reader, drawing(tmp_path / "a.pdf", crop=crop, rotation=rotation), "two words", box=BOX)
    with pymupdf.open(path) as document:
        page = document[0]
        found = [pymupdf.Rect(word[:4]) * page.rotation_matrix for word in page.get_text("words")]
    assert (found[0].x0, found[0].y0, found[-1].x1, found[-1].y1) == pytest.approx((40, 20, 190, 40), abs=0.1)


async def test_pdftotext_selects_a_word_where_it_stands(reader: SourceReader, tmp_path: Path) -> None:
    path = await written(reader, drawing(tmp_path / "a.pdf", rotation=90), "two words")
    first, last = words_of(path, 1)
    assert (first.text, last.text) == ("two", "words")
    assert (first.box.left, first.box.top, last.box.right, last.box.bottom) == pytest.approx((40, 20, 190, 40), abs=0.1)


async def test_a_page_that_counts_in_larger_units_is_understood(reader: SourceReader, tmp_path: Path) -> None:
    path = await written(reader, drawing(tmp_path / "a.pdf", unit=2), "two words")
    assert text_of(path, 1) == "two words"


async def test_the_page_looks_as_before(reader: SourceReader, tmp_path: Path) -> None:
    source = pdf(tmp_path / "a.pdf", rotation=90)
    assert pixels(await written(reader, source, "invisible")) == pixels(source)


async def test_an_earlier_ocr_layer_is_replaced(reader: SourceReader, tmp_path: Path) -> None:
    """Also one in a form, as OCRmyPDF writes it."""
    with pymupdf.open() as layer, pymupdf.open() as document:
        layer.new_page(width=300, height=200).insert_text((20, 60), "in a form", render_mode=3)
        page = document.new_page(width=300, height=200)
        page.insert_text((20, 30), "old (layer)", render_mode=3)
        page.show_pdf_page(page.rect, layer, 0)
        document.save(tmp_path / "a.pdf")
    path = await written(reader, str(tmp_path / "a.pdf"), "new layer")
    assert text_of(path, 1) == "new layer"
    with pymupdf.open(path) as found:
        assert str(found[0].get_text()).split() == ["new", "layer"]


async def test_text_that_could_not_be_trusted_is_not_found_beside_what_was_read(
    reader: SourceReader, tmp_path: Path
) -> None:
    source = pdf(tmp_path / "a.pdf")
    path = await written(reader, source, "as read")
    assert text_of(path, 1) == "as read"
    assert pixels(path) == pixels(source)


async def test_links_bookmarks_attachments_and_other_pages_are_kept(reader: SourceReader, tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    with pymupdf.open(pdf(tmp_path / "plain.pdf", pages=2)) as document:
        place = pymupdf.Rect(10, 10, 90, 90)
        document[0].insert_link({"kind": pymupdf.LINK_URI, "from": place, "uri": "https://example.org/"})
        document.set_toc([[1, "First", 1], [1, "Second", 2]])
        document.embfile_add("data.csv", b"a,b\n1,2\n")
        document.save(source)
    with pymupdf.open(await written(reader, str(source), "new")) as found:
        assert [link["uri"] for link in found[0].get_links()] == ["https://example.org/"]
        assert [entry[1] for entry in found.get_toc()] == ["First", "Second"]
        assert found.embfile_get("data.csv") == b"a,b\n1,2\n"
        assert str(found[1].get_text()).strip() == "This is page 2"


async def test_a_document_that_only_its_owner_may_change_stays_so(reader: SourceReader, tmp_path: Path) -> None:
    path = await written(reader, pdf(tmp_path / "a.pdf", owner="owner"), "as read")
    assert text_of(path, 1) == "as read"
    with pymupdf.open(path) as document:
        assert (document.metadata or {})["encryption"]


async def test_the_same_words_give_the_same_bytes_and_other_words_another_id(
    reader: SourceReader, tmp_path: Path
) -> None:
    """ISO 32000-1, 14.4: the second half of `/ID` names the content; the first one stays what it was."""
    source = drawing(tmp_path / "a.pdf")
    one, again, other = [(await written(reader, source, text)).read_bytes() for text in ("one", "one", "other")]
    assert one == again
    ids = [re.findall(rb"/ID\s*\[(<.+?>|\(.+?\))\s*(<.+?>|\(.+?\))\s*\]", data)[-1] for data in (one, other)]
    assert ids[0][1] != ids[1][1]
    with pymupdf.open(source) as original:
        if original.xref_get_key(-1, "ID")[0] == "array":
            assert ids[0][0] == ids[1][0]


async def test_an_encrypted_document_can_still_be_opened(reader: SourceReader, tmp_path: Path) -> None:
    """The first half of `/ID` is a part of the key of RC4 and AES-128 (ISO 32000-1, algorithm 2)."""
    for name, method in (("rc4", pymupdf.PDF_ENCRYPT_RC4_128), ("aes", pymupdf.PDF_ENCRYPT_AES_128)):
        source = tmp_path / f"{name}.pdf"
        with pymupdf.open() as document:
            document.new_page().insert_text((60, 60), "Visible")
            document.save(source, encryption=method, user_pw="", owner_pw="owner")
        assert "Hidden" in text_of(await written(reader, str(source), "Hidden"), 1)


async def test_a_page_whose_instructions_are_damaged_is_repaired_first(reader: SourceReader, tmp_path: Path) -> None:
    """MuPDF repairs in the middle of the work, and a repair took the new objects away (qpdf's bad25.pdf)."""
    broken = pdf_of([
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length 9>>",
    ])  # fmt: skip
    (tmp_path / "a.pdf").write_bytes(broken.replace(b"startxref\n", b"startxref\n1"))
    assert text_of(await written(reader, str(tmp_path / "a.pdf"), "as read"), 1) == "as read"


async def test_a_picture_becomes_a_page_of_its_size(reader: SourceReader, tmp_path: Path) -> None:
    source = save(Image.new("RGB", (600, 300), "white"), tmp_path / "a.png", dpi=(300, 300))
    path = await written(reader, source, "two words", box=BoundingBox(left=100, top=100, right=500, bottom=200))
    first, last = words_of(path, 1)
    assert (first.box.left, first.box.top, last.box.right, last.box.bottom) == pytest.approx((24, 24, 120, 48), abs=0.2)
    with pymupdf.open(path) as document:
        assert tuple(document[0].rect) == pytest.approx((0, 0, 144, 72), abs=0.01)


async def test_a_jpeg_is_kept_to_the_byte(reader: SourceReader, tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.effect_noise((200, 100), 50).save(out, "JPEG")
    source = tmp_path / "a.jpg"
    source.write_bytes(out.getvalue())
    with pymupdf.open(await written(reader, str(source), "word")) as document:
        assert document.extract_image(document[0].get_images()[0][0])["image"] == out.getvalue()


async def test_a_photo_that_says_it_lies_on_its_side_is_upright(reader: SourceReader, tmp_path: Path) -> None:
    photo, turned = Image.new("RGB", (200, 100), "white"), Image.Exif()
    ImageDraw.Draw(photo).rectangle((0, 0, 50, 50), fill="red")
    turned[0x0112] = 6
    path = await written(reader, save(photo, tmp_path / "a.jpg", exif=turned), "word")
    with pymupdf.open(path) as document:
        assert document[0].rect.width < document[0].rect.height
        picture = Image.open(io.BytesIO(document[0].get_pixmap().tobytes("png"))).convert("RGB")
    assert picture.getpixel((picture.width - 5, 5))[1] < 100  # pyright: ignore  red is at the top right now


async def test_every_frame_of_a_tiff_is_a_page(reader: SourceReader, tmp_path: Path) -> None:
    frames = [Image.new(mode, (300, 200), 1) for mode in ("1", "L", "RGB")]
    path = await written(reader, save(frames[0], tmp_path / "a.tiff", save_all=True, append_images=frames[1:]), "word")
    with pymupdf.open(path) as document:
        assert document.page_count == 3


async def test_a_line_for_a_page_that_is_not_there_is_an_error_of_ours(reader: SourceReader, tmp_path: Path) -> None:
    async with reader.open(drawing(tmp_path / "a.pdf")) as opened:
        with pytest.raises(UnrenderableError, match="cannot be written as a searchable PDF"):
            await write_searchable_pdf(opened, [encode_words(9, list(place_line("word", BOX)))])
