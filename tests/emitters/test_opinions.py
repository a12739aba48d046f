"""A second opinion in the products: one line in Markdown, marks in the viewer."""

import re

import pytest

from ocr_mcp.emitters.html_viewer import HtmlStream, PagePicture
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.emitters.opinions import mark_differences, opinion_notice
from ocr_mcp.emitters.text import page_to_text
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.documents import Page
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.second_opinions import Difference, DifferenceKind, SecondOpinion
from tests.emitters.documents import block, page, table

BOX = BoundingBox(left=100, top=200, right=300, bottom=250)
KINDS = list(DifferenceKind)


def differing(kind: DifferenceKind, read: str, seen: str = "", *, at: int | None = 0) -> Difference:
    return Difference(kind=kind, read=read, seen=seen, block=at, boxes=(BOX,))


def with_opinion(*differences: Difference, agreement: float | None = 0.9, reason: str | None = None) -> Page:
    opinion = SecondOpinion(agreement=agreement, reason=reason, differences=differences)
    blocks = (
        block(BlockLabel.TEXT, "Total 12.50 & <more> words"),
        block(BlockLabel.TABLE, "", table=table(["a", "7.5"])),
    )
    return page(*blocks).model_copy(update={"second_opinion": opinion})


def viewer(shown: Page) -> str:
    return HtmlStream().page(shown, PagePicture(data=b"", width_px=100, height_px=141))


def test_markdown_has_one_line_for_a_page_that_differs_in_what_matters() -> None:
    two = with_opinion(*(differing(DifferenceKind.NUMBER, "1", "2"),) * 2, differing(DifferenceKind.OMITTED, "", "x"))
    assert page_to_markdown(two).splitlines()[-1] == (
        "> Page 1 was read a second time (90% agree): 2 numbers differ; 1 passage of the page is missing here."
    )
    assert "second time" not in page_to_text(two)


@pytest.mark.parametrize(
    "shown",
    [
        page(),
        with_opinion(),
        with_opinion(differing(DifferenceKind.WORDS, "Meyer", "Meier")),
        with_opinion(agreement=None, reason="It cannot."),
    ],
    ids=["not asked for", "all agree", "words alone", "none to be had"],
)
def test_markdown_says_nothing_of_a_page_without_doubt(shown: Page) -> None:
    assert opinion_notice(shown) == ""


def test_the_viewer_marks_a_passage_and_says_what_the_second_reading_has() -> None:
    html = viewer(with_opinion(differing(DifferenceKind.NUMBER, "12.50", "17.50")))
    assert '<mark class="number" title="Second reading: 17.50">12.50</mark>' in html
    assert "A second reading agrees by 90%; 1 passage differs." in html
    assert re.search(r'<g class="differs"><rect x="100.00"', html)


def test_the_viewer_marks_cells_and_what_is_escaped_and_no_tag() -> None:
    html = viewer(
        with_opinion(
            differing(DifferenceKind.NUMBER, "7.5", "9.5", at=1),
            differing(DifferenceKind.WORDS, "& <more>", "and less"),
            differing(DifferenceKind.WORDS, "auto", "x"),
        )
    )
    assert ">7.5</mark></td>" in html
    assert ">&amp; &lt;more&gt;</mark>" in html
    assert html.count("<mark") == 2
    assert 'dir="auto"' in html


def test_what_only_the_second_reading_has_is_listed_beside_the_text_and_framed_on_the_page() -> None:
    html = viewer(with_opinion(differing(DifferenceKind.OMITTED, "", "Left <out>", at=None)))
    assert '<li dir="auto" lang="">Left &lt;out&gt;</li>' in html
    assert html.count('<g class="differs">') == 1


def test_what_is_nowhere_on_the_page_has_no_frame_there() -> None:
    html = viewer(with_opinion(differing(DifferenceKind.INVENTED, "words")))
    assert '<mark class="invented" title="Not found on the page by the second reading">words</mark>' in html
    assert 'class="differs"' not in html


def test_the_reason_why_there_is_no_opinion_is_said() -> None:
    assert "No second opinion: It cannot." in viewer(with_opinion(agreement=None, reason="It cannot."))


@pytest.mark.parametrize("said", ['"><script>', "<td>", "&amp;", "'"])
def test_a_second_reading_that_says_markup_is_no_markup(said: str) -> None:
    html = mark_differences("<p>one</p>", [differing(DifferenceKind.WORDS, "one", said)])
    assert re.fullmatch(r'<p><mark class="words" title="[^"<>]*">one</mark></p>', html)
