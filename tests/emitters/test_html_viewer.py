"""The viewer. Issue 5: one self-contained file, the page beside its text, and every word of a stranger escaped."""

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr_mcp.emitters.html_viewer import HtmlStream, PagePicture
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.emitters.viewer_assets import POLICY
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode, Page, PageFailure, PageIssue
from ocr_mcp.model.geometry import BoundingBox
from tests.browser import document_of, needs_chromium, screenshot
from tests.emitters.documents import FAILURE, block, page, table

BOX = BoundingBox(left=100, top=200, right=300, bottom=250)
HOSTILE = """</p><script>document.title="taken"</script><img src=x onerror="document.title='taken'">\
<a href="javascript:alert(1)">x</a>"""
PICTURE = PagePicture(data=b"\xff\xd8not a picture", width_px=100, height_px=141)


class Elements(HTMLParser):
    """Every start tag of a document, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def viewer(*pages: Page | PageFailure, source: str = "a.pdf", picture: PagePicture | None = PICTURE) -> str:
    stream = HtmlStream()
    header = DocumentHeader(source=source, media_type="application/pdf", total_pages=len(pages))
    parts = [stream.begin(header), *(stream.page(result, picture) for result in pages), stream.end(("A warning <b>.",))]
    return "".join(parts)


def boxed(text: str, *, confidence: float | None = None) -> Block:
    return Block(label=BlockLabel.TEXT, text=text, boxes=(BOX,), confidence=confidence)


def test_every_box_is_drawn_in_the_units_of_the_page() -> None:
    elements = Elements(viewer(page(boxed("one"), boxed("two"))))
    assert elements.named("svg")[0]["viewbox"] == "0 0 595 842"
    places = [
        tuple(float(rect[name] or "") for name in ("x", "y", "width", "height")) for rect in elements.named("rect")
    ]
    assert places == [(100, 200, 200, 50)] * 2


def test_box_and_text_lead_to_each_other() -> None:
    elements = Elements(viewer(page(boxed("one")), page(boxed("two"), number=2)))
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {link["href"] for link in elements.named("a")}
    assert {"#t-1-1", "#b-1-1", "#t-2-1", "#b-2-1"} <= links
    assert {link.removeprefix("#") for link in links if link} <= set(ids)


def test_nothing_that_a_document_says_is_markup() -> None:
    hostile = [
        block(label, HOSTILE, table=table([HOSTILE, "<sup>2</sup>"]) if label is BlockLabel.TABLE else None)
        for label in BlockLabel
    ]
    issue = PageIssue(code=IssueCode.BAD_BOX, message=HOSTILE)
    failure = PageFailure(number=2, code="CORRUPT", reason=HOSTILE, hint=HOSTILE)
    boxed_too = page(*hostile, boxed(HOSTILE), issues=(issue,))
    elements = Elements(viewer(boxed_too, failure, source=HOSTILE, picture=None))
    assert len(elements.named("script")) == 1
    assert elements.named("img") == []
    assert not any(name.startswith("on") for _, attributes in elements.found for name in attributes)
    assert all((link["href"] or "").startswith("#") for link in elements.named("a"))
    assert len(elements.named("sup")) == 1


def test_the_policy_permits_the_style_and_the_script_of_the_file_and_nothing_else() -> None:
    text = viewer(page(boxed("one")))
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in POLICY
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert not re.search(r"https?:|//[a-z]", text.split("<body>")[1].split("<script>")[0])
    assert 'style="' not in text


def test_what_is_doubtful_is_marked() -> None:
    issue = PageIssue(code=IssueCode.TRUNCATED, message="The answer reached the limit.")
    text = viewer(page(boxed("sure", confidence=0.99), boxed("hardly", confidence=0.41), issues=(issue,)))
    assert text.count('class="block low"') == text.count('class="box low"') == text.count("41% sure") == 1
    assert "<li>The answer reached the limit.</li>" in text


def test_a_page_that_could_not_be_read_says_why_beside_its_picture() -> None:
    text = viewer(FAILURE)
    assert "Page 4 could not be read: The answer stalled. Try again." in text
    assert 'alt="Page 4 as a picture"' in text


def test_a_figure_has_the_id_that_markdown_refers_to() -> None:
    text = viewer(page(boxed("one"), block(BlockLabel.PICTURE, ""), block(BlockLabel.CHART, ""), number=3))
    assert 'id="figure-3-1"' in text
    assert 'id="figure-3-2"' in text


@needs_chromium
def test_a_hostile_document_does_not_run_and_the_viewer_does(tmp_path: Path) -> None:
    """The script shows the paging, which is hidden without it."""
    file = tmp_path / "viewer.html"
    file.write_text(viewer(page(boxed(HOSTILE)), source="a.pdf"))
    seen = document_of(file)
    assert "<title>a.pdf</title>" in seen
    assert re.search(r'<div class="paging"[^>]*aria-label="Paging">', seen)
    assert "Page 1 (1 of 1)" in seen


@needs_chromium
@pytest.mark.parametrize("width", [1200, 700], ids=["side by side", "under each other"])
def test_a_box_lies_on_its_text(tmp_path: Path, width: int) -> None:
    """On the screenshot, the frame is around the black bar that the page has there."""
    bar = BoundingBox(left=119, top=421, right=476, bottom=505.2)
    picture = Image.new("RGB", (500, 708), "white")
    ImageDraw.Draw(picture).rectangle((100, 354, 400, 424), fill="black")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    file = tmp_path / "viewer.html"
    shown = PagePicture(data=out.getvalue(), width_px=500, height_px=708)
    framed = Block(label=BlockLabel.PICTURE, text="", boxes=(bar.expanded(0.05),))
    file.write_text(viewer(page(framed), picture=shown))
    pixels = np.asarray(screenshot(file, width=width, height=900), dtype=np.int16)
    red, blue = pixels[..., 0], pixels[..., 2]
    black, frame = _bounds(pixels.sum(axis=2) < 90), _bounds((blue - red > 20) & (pixels.sum(axis=2) > 300))
    for edge, expected in zip(_fraction(black, frame), (1 / 22, 1 / 22, 21 / 22, 21 / 22), strict=True):
        assert edge == pytest.approx(expected, abs=0.03)


Bounds = tuple[float, float, float, float]


def _bounds(mask: NDArray[np.bool_]) -> Bounds:
    """The extent of the longest runs, so that a link of that colour somewhere does not count."""
    rows, columns = np.flatnonzero(mask.sum(axis=1) > 150), np.flatnonzero(mask.sum(axis=0) > 30)
    return float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1])


def _fraction(inner: Bounds, outer: Bounds) -> Bounds:
    width, height = outer[2] - outer[0], outer[3] - outer[1]
    return (
        (inner[0] - outer[0]) / width, (inner[1] - outer[1]) / height,
        (inner[2] - outer[0]) / width, (inner[3] - outer[1]) / height,
    )  # fmt: skip
