"""Answers to `OCR this image.`, a region for each line, and to `Locate … in the image.`, which are boxes."""

import pytest

from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.vlm.boxes import parse_boxes
from ocr_mcp.parsing.vlm.lines import parse_lines
from tests.parsing.pages import box, page_image

SYNTAX = DEEPSEEK_OCR.syntax
TAGGED = (
    "<|ref|>INVOICE<|/ref|><|det|>[[80, 42, 520, 88]]<|/det|>\n"
    "<|ref|>Total: 5 €<|/ref|><|det|>[[80, 90, 400, 99]]<|/det|>\n"
)
BARE = "INVOICE[[80, 42, 520, 88]]\nTotal: 5 €[[80, 90, 400, 99]]\n"


@pytest.mark.parametrize("answer", [TAGGED, BARE], ids=["tagged", "bare"])
def test_the_label_of_a_line_is_its_text(answer: str) -> None:
    parsed = parse_lines(answer, page_image(), SYNTAX)
    assert [(b.label, b.text, b.boxes) for b in parsed.blocks] == [
        (BlockLabel.TEXT, "INVOICE", (box(80, 84, 520, 176),)),
        (BlockLabel.TEXT, "Total: 5 €", (box(80, 180, 400, 198),)),
    ]
    assert parsed.issues == ()


def test_a_line_that_says_text_is_a_line_like_any_other() -> None:
    assert [b.text for b in parse_lines("text[[1, 2, 3, 4]]\nchart[[1, 5, 3, 9]]", page_image(), SYNTAX).blocks] == [
        "text",
        "chart",
    ]


def test_regions_instead_of_lines_are_read_as_regions() -> None:
    answer = "<|ref|>text<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>\nHello\nworld"
    blocks = parse_lines(answer, page_image(), SYNTAX).blocks
    assert [(b.text, len(b.boxes)) for b in blocks] == [("Hello world", 1)]


def test_lines_without_a_box_are_kept() -> None:
    assert [b.text for b in parse_lines("Hello\nWorld[[1, 2, 3, 4]]", page_image(), SYNTAX).blocks] == [
        "Hello",
        "World",
    ]


@pytest.mark.parametrize("half", ["Tot[[80, 9", "<|ref|>Tot", "<|ref|>Tot<|/ref|><|det|>[[80"])
def test_a_line_that_breaks_off_keeps_its_text_and_is_reported(half: str) -> None:
    whole = TAGGED if "<" in half else BARE
    parsed = parse_lines(whole + half, page_image(), SYNTAX)
    assert parsed.blocks[-1].text == "Tot"
    assert [issue.code for issue in parsed.issues] == [IssueCode.TRUNCATED]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("[[10, 20, 30, 40]]", ""),
        ("<|ref|>the dog<|/ref|><|det|>[[10, 20, 30, 40]]<|/det|>", "the dog"),
        ("the dog[[10, 20, 30, 40]]", "the dog"),
    ],
)
def test_what_is_located_is_one_block_on_its_place(answer: str, text: str) -> None:
    parsed = parse_boxes(answer, page_image(), SYNTAX)
    assert [(b.text, b.boxes) for b in parsed.blocks] == [(text, (box(10, 40, 30, 80),))]
    assert parsed.issues == ()


def test_a_thing_in_several_places_is_one_block_with_several_boxes() -> None:
    assert len(parse_boxes("[[1, 2, 3, 4], [5, 6, 7, 8]]", page_image(), SYNTAX).blocks[0].boxes) == 2


def test_the_whole_picture_as_an_answer_usually_means_that_the_model_gave_up() -> None:
    parsed = parse_boxes("[[0, 0, 999, 999]]", page_image(), SYNTAX)
    assert parsed.blocks[0].boxes == (box(0, 0, 999, 1998),)
    assert [issue.code for issue in parsed.issues] == [IssueCode.NOT_FOUND]


def test_words_instead_of_boxes_mean_not_found() -> None:
    parsed = parse_boxes("There is no dog.", page_image(), SYNTAX)
    assert parsed.blocks[0].text == "There is no dog."
    assert [issue.code for issue in parsed.issues] == [IssueCode.NOT_FOUND]
