"""Grounded answers. The forms that DeepSeek-OCR gives them are in docs/engines.md, "Sources"."""

import pytest

from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.parsed import ParsedAnswer
from ocr_mcp.parsing.vlm.grounded import parse_grounded
from tests.parsing.pages import box, page_image

TABLE = "<table><tr><td>a</td><td>b</td></tr></table>"


def parse(text: str) -> ParsedAnswer:
    return parse_grounded(text, page_image(), DEEPSEEK_OCR.syntax)


def summary(text: str) -> list[tuple[str, str]]:
    return [(block.label.value, block.text) for block in parse(text).blocks]


def codes(text: str) -> list[IssueCode]:
    return [issue.code for issue in parse(text).issues]


@pytest.mark.parametrize(
    "header",
    ["<|ref|>text<|/ref|><|det|>[[10, 20, 110, 40]]<|/det|>", "text[[10, 20, 110, 40]]"],
    ids=["tagged", "bare"],
)
def test_a_header_gives_its_text_a_label_and_a_place_on_the_page(header: str) -> None:
    """DeepSeek-OCR counts from 0 to 999 on each axis of the picture, whatever its shape."""
    block = Block(label=BlockLabel.TEXT, text="Hello", boxes=(box(10, 40, 110, 80),), source_label="text")
    assert parse(f"{header}\nHello\n") == ParsedAnswer((block,))


def test_boxes_of_a_crop_land_on_the_page_that_it_was_cut_from() -> None:
    crop = page_image(region=box(100, 200, 100 + 99.9, 200 + 999))
    assert parse_grounded("text[[0, 0, 999, 500]]\nx", crop, DEEPSEEK_OCR.syntax).blocks[0].boxes == (
        box(100, 200, 199.9, 700),
    )


def test_both_spellings_of_a_header_may_be_mixed() -> None:
    tagged = "<|ref|>text<|/ref|><|det|>[[0, 9, 9, 19]]<|/det|>"
    answer = f"title[[0, 0, 9, 9]]\n# One\n\n{tagged}\nTwo\n\ntext[[0, 20, 9, 29]]\nThree"
    assert summary(answer) == [("title", "One"), ("text", "Two"), ("text", "Three")]


def test_text_before_the_first_header_is_kept() -> None:
    """Seen in a recorded answer of the model (docling's `deepseek_example`)."""
    assert summary("left over from the page before\n\ntext[[0, 0, 9, 9]]\nHello")[0] == (
        "text",
        "left over from the page before",
    )


def test_the_text_of_a_region_runs_to_the_next_header_over_blank_lines() -> None:
    assert summary("text[[0, 0, 9, 9]]\nOne\n\nTwo\n\ntext[[0, 9, 9, 19]]\nThree") == [
        ("text", "One\n\nTwo"),
        ("text", "Three"),
    ]


def test_a_region_may_have_several_boxes() -> None:
    assert parse("text[[0, 0, 9, 9], [20, 0, 29, 9]]\nHello").blocks[0].boxes == (box(0, 0, 9, 18), box(20, 0, 29, 18))


def test_corners_in_the_wrong_order_are_swapped_and_numbers_too_large_are_clamped() -> None:
    assert parse("text[[500, 90, 10, 2000]]\nx").blocks[0].boxes == (box(10, 180, 500, 1998),)


@pytest.mark.parametrize("boxes", ["[[10, 10, 10, 90]]", "[[1, 2, 3]]", "[[1, 2, 3, 4, 5]]", "[[]]"])
def test_a_box_that_means_nothing_is_dropped_and_reported_but_its_text_stays(boxes: str) -> None:
    answer = f"<|ref|>text<|/ref|><|det|>{boxes}<|/det|>\nHello"
    assert parse(answer).blocks[0].boxes == ()
    assert (summary(answer), codes(answer)) == ([("text", "Hello")], [IssueCode.BAD_BOX])


def test_one_bad_box_does_not_cost_the_good_one_beside_it() -> None:
    assert parse("text[[0, 0, 0, 9], [20, 0, 29, 9]]\nHello").blocks[0].boxes == (box(20, 0, 29, 18),)


def test_huge_numbers_in_a_box_do_no_harm() -> None:
    answer = f"<|ref|>text<|/ref|><|det|>[[{'9' * 5000}, 0, 1, 1]]<|/det|>\nHello"
    assert summary(answer) == [("text", "Hello")]


@pytest.mark.parametrize(
    "prose",
    [
        "The matrix A = [[1,2,3,4]] is flat.",
        "see context[[1, 2, 3, 4]] for more",
        "X[[1, 2, 3, 4]]",
        "np.array[[1, 2, 3, 4]].T",
        "foo[[1, 2, 3]]",
    ],
)
def test_brackets_in_prose_and_maths_are_no_headers(prose: str) -> None:
    assert summary(f"text[[0, 0, 9, 9]]\n{prose}\nmore") == [("text", f"{prose}\nmore")]


def test_an_unknown_label_is_text_and_keeps_its_word() -> None:
    """The model may write labels that were never seen before."""
    for header in ("<|ref|>sidebar<|/ref|><|det|>[[0, 0, 9, 9]]<|/det|>", "sidebar[[0, 0, 9, 9]]"):
        block = parse(f"{header}\nHello").blocks[0]
        assert (block.label, block.text, block.source_label) == (BlockLabel.TEXT, "Hello", "sidebar")


def test_a_label_that_is_a_sentence_with_nothing_under_it_is_the_text() -> None:
    answer = "<|ref|>Total: 162 €<|/ref|><|det|>[[0, 0, 9, 9]]<|/det|>\n"
    assert summary(answer) == [("text", "Total: 162 €")]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("title", BlockLabel.TITLE),
        ("sub_title", BlockLabel.SECTION_HEADER),
        ("list", BlockLabel.LIST_ITEM),
        ("table_caption", BlockLabel.CAPTION),
        ("image_caption", BlockLabel.CAPTION),
        ("figure_caption", BlockLabel.CAPTION),
        ("table_footnote", BlockLabel.FOOTNOTE),
        ("image", BlockLabel.PICTURE),
        ("figure", BlockLabel.PICTURE),
        ("chart", BlockLabel.CHART),
        ("equation", BlockLabel.FORMULA),
        ("formula", BlockLabel.FORMULA),
        ("header", BlockLabel.PAGE_HEADER),
        ("footer", BlockLabel.PAGE_FOOTER),
        ("page_number", BlockLabel.PAGE_FOOTER),
        ("code", BlockLabel.CODE),
    ],
)
def test_labels_become_the_terms_of_the_field(label: str, expected: BlockLabel) -> None:
    assert parse(f"{label}[[0, 0, 9, 9]]\nx").blocks[0].label is expected


@pytest.mark.parametrize(
    ("label", "content", "level"),
    [("title", "# A", 1), ("title", "A", 1), ("sub_title", "#### A", 4), ("sub_title", "A", 2)],
)
def test_a_headings_level_is_its_own_count_of_marks(label: str, content: str, level: int) -> None:
    block = parse(f"{label}[[0, 0, 9, 9]]\n{content}").blocks[0]
    assert (block.text, block.level) == ("A", level)


def test_a_heading_over_two_lines_is_one_heading() -> None:
    assert summary("title[[0, 0, 9, 9]]\n# A long\ntitle\n\ntext[[0, 9, 9, 19]]\nx")[0] == ("title", "A long title")


def test_a_list_becomes_one_block_an_item_on_the_same_place() -> None:
    blocks = parse("list[[0, 0, 9, 9]]\n- one\n- two\n  goes on\n").blocks
    assert [(b.label, b.text) for b in blocks] == [
        (BlockLabel.LIST_ITEM, "- one"),
        (BlockLabel.LIST_ITEM, "- two\n  goes on"),
    ]
    assert {b.boxes for b in blocks} == {(box(0, 0, 9, 18),)}


def test_captions_lose_their_centre_marks() -> None:
    assert summary("image_caption[[0, 0, 9, 9]]\n<center>Figure 1: A cat </center>") == [("caption", "Figure 1: A cat")]


@pytest.mark.parametrize("written", [r"\[ a = b \]", r"$$a = b$$", r"\( a = b \)", "a = b"])
def test_a_formula_loses_its_delimiters(written: str) -> None:
    assert summary(f"equation[[0, 0, 9, 9]]\n{written}") == [("formula", "a = b")]


def test_several_formulas_in_one_region_stay_as_written() -> None:
    written = "\\[ a \\]\n\\[ b \\]"
    assert summary(f"equation[[0, 0, 9, 9]]\n{written}") == [("formula", written)]


def test_rows_written_under_the_caption_belong_to_the_table() -> None:
    """Seen in a recorded answer: an empty `table`, its caption, then the rows."""
    answer = f"table[[0, 9, 9, 19]]\ntable_caption[[0, 0, 9, 8]]\nTable 1. Things\n\n{TABLE}\n"
    caption, table = parse(answer).blocks
    assert (caption.label, caption.text, caption.boxes) == (BlockLabel.CAPTION, "Table 1. Things", (box(0, 0, 9, 16),))
    assert (table.label, table.text, table.boxes) == (BlockLabel.TABLE, TABLE, (box(0, 18, 9, 38),))
    assert table.table is not None
    assert [cell.text for cell in table.table.cells] == ["a", "b"]


def test_text_after_a_table_in_its_region_is_kept_beside_it() -> None:
    assert summary(f"table[[0, 9, 9, 19]]\n{TABLE}\nSource: us") == [("table", TABLE), ("text", "Source: us")]


def test_a_fused_table_is_reported_and_its_text_kept() -> None:
    """Ollama 0.30 and later drops `<td>`, `</td>`, `<tr>` and `</tr>`."""
    source = "<table>ItemQtyWidget12</table>"
    parsed = parse(f"table[[0, 0, 9, 9]]\n{source}")
    assert (parsed.blocks[0].text, parsed.blocks[0].table) == (source, None)
    assert [issue.code for issue in parsed.issues] == [IssueCode.FUSED_TABLE]


@pytest.mark.parametrize(
    "half", ["<|ref|>tex", "<|ref|>text<|/ref|>", "<|ref|>text<|/ref|><|det|>[[12, 3", "text[[12, 3\n", "table[["]
)
def test_a_header_that_the_answer_breaks_off_in_is_reported_and_not_taken_for_text(half: str) -> None:
    answer = f"text[[0, 0, 9, 9]]\nHello\n\n{half}"
    assert (summary(answer), codes(answer)) == ([("text", "Hello")], [IssueCode.TRUNCATED])


def test_left_over_tags_are_taken_out_of_the_text_and_reported() -> None:
    answer = "text[[0, 0, 9, 9]]\nHello <|det|>world<｜end▁of▁sentence｜>"
    assert (summary(answer), codes(answer)) == ([("text", "Hello world")], [IssueCode.UNREAD_MARKUP])


def test_code_in_a_box_is_never_run() -> None:
    """A front end that copied the official `eval` shipped a remote code execution."""
    answer = "<|ref|>text<|/ref|><|det|>[[__import__('os').abort()]]<|/det|>\nHello"
    assert "Hello" in summary(answer)[0][1]
    assert parse(answer).blocks[0].boxes == ()
