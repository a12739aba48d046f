"""Answers to overlapping parts of a page become one, and nothing that both show is said twice."""

import json

import pytest

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size
from ocr_mcp.model.images import PageView
from ocr_mcp.model.predictions import Prediction, ResponseFormat
from ocr_mcp.parsing.parts.merging import parse_parts
from ocr_mcp.parsing.parts.stitching import stitch_texts
from tests.parsing.pages import box, prediction

PAGE = Size(width=1000, height=2000)
UPPER, LOWER = box(0, 0, 1000, 1080), box(0, 920, 1000, 2000)
LEFT, RIGHT = box(0, 0, 540, 2000), box(460, 0, 1000, 2000)


def part(region: BoundingBox) -> PageView:
    return PageView(
        number=1,
        page_size=PAGE,
        unit=PageUnit.POINT,
        region=region,
        width_px=round(region.width),
        height_px=round(region.height),
        digest="",
    )


def recognized(region: BoundingBox, *lines: tuple[str, float, float, float, float]) -> tuple[Prediction, PageView]:
    """Lines by their place on the page."""
    found = [
        {"text": text, "box": [left - region.left, top - region.top, right - region.left, bottom - region.top]}
        for text, left, top, right, bottom in lines
    ]
    return prediction(json.dumps({"lines": found}), ResponseFormat.RECOGNIZED_LINES), part(region)


def grounded(region: BoundingBox, *regions: tuple[str, str, BoundingBox]) -> tuple[Prediction, PageView]:
    """Regions by their place on the page."""

    def corners(place: BoundingBox) -> str:
        x, y = 999 / region.width, 999 / region.height
        edges = (place.left - region.left) * x, (place.top - region.top) * y
        ends = (place.right - region.left) * x, (place.bottom - region.top) * y
        return ", ".join(str(round(edge)) for edge in (*edges, *ends))

    written = [f"<|ref|>{label}<|/ref|><|det|>[[{corners(b)}]]<|/det|>\n{text}\n" for label, text, b in regions]
    return prediction("\n".join(written)), part(region)


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks]


def test_a_line_in_the_overlap_of_two_parts_stands_once() -> None:
    upper = recognized(UPPER, ("The first line of all", 100, 800, 500, 840), ("A line in between", 100, 980, 400, 1020))
    lower = recognized(LOWER, ("A line in betwoon", 100, 981, 399, 1021), ("The last line", 100, 1200, 350, 1240))
    blocks = parse_parts([upper, lower]).blocks
    lines = [line.text for block in blocks for line in block.lines]
    assert lines == ["The first line of all", "A line in between", "The last line"]


def test_a_line_that_an_edge_cuts_through_gives_way_to_the_whole_one() -> None:
    upper = recognized(UPPER, ("A 1ine lhal is cut", 100, 1050, 450, 1080))
    lower = recognized(LOWER, ("A line that is whole", 100, 1050, 450, 1090))
    assert texts(parse_parts([upper, lower]).blocks) == ["A line that is whole"]


def test_a_line_that_runs_over_two_parts_is_joined() -> None:
    left = recognized(LEFT, ("The harbour office opens at sev", 50, 100, 540, 140))
    right = recognized(RIGHT, ("opens at seven on every working day", 460, 101, 950, 141))
    blocks = parse_parts([left, right]).blocks
    assert texts(blocks) == ["The harbour office opens at seven on every working day"]


def test_columns_run_on_from_part_to_part() -> None:
    """Lines are put in order after they are merged: the left column is read to its end before the right one."""

    def column(name: str, left: float, tops: range) -> list[tuple[str, float, float, float, float]]:
        return [(f"{name} column line at {top} here", left, top, left + 400, top + 30) for top in tops]

    tops = range(100, 1900, 40)
    upper = [line for line in (*column("Left", 50, tops), *column("Right", 550, tops)) if line[4] <= UPPER.bottom]
    lower = [line for line in (*column("Left", 50, tops), *column("Right", 550, tops)) if line[2] >= LOWER.top]
    blocks = parse_parts([recognized(UPPER, *upper), recognized(LOWER, *lower)]).blocks
    lines = [line.text for block in blocks for line in block.lines]
    assert lines == [line[0] for line in (*column("Left", 50, tops), *column("Right", 550, tops))]


def test_a_paragraph_that_both_parts_show_stands_once() -> None:
    paragraph = ("text", "This paragraph lies where both parts see it.", box(100, 950, 900, 1050))
    upper = grounded(UPPER, ("title", "# The title", box(100, 50, 900, 90)), paragraph)
    lower = grounded(LOWER, paragraph, ("text", "The end of the page.", box(100, 1500, 900, 1600)))
    blocks = parse_parts([upper, lower]).blocks
    assert texts(blocks) == ["The title", paragraph[1], "The end of the page."]
    assert blocks[1].boxes[0].top == pytest.approx(950, abs=2)


def test_a_paragraph_that_is_cut_is_joined_where_its_halves_meet() -> None:
    upper = grounded(UPPER, ("text", "One two three four five six seven eight nin", box(100, 800, 900, 1080)))
    lower = grounded(LOWER, ("text", "five six seven eight nine ten eleven", box(100, 920, 900, 1300)))
    [block] = parse_parts([upper, lower]).blocks
    assert block.text == "One two three four five six seven eight nine ten eleven"
    assert (block.boxes[0].top, block.boxes[0].bottom) == pytest.approx((800, 1300), abs=2)


def test_different_texts_at_one_place_are_both_kept() -> None:
    upper = grounded(UPPER, ("text", "Something about cats.", box(100, 900, 900, 1000)))
    lower = grounded(LOWER, ("text", "A note on the weather.", box(100, 950, 900, 1100)))
    assert len(parse_parts([upper, lower]).blocks) == 2


def test_a_table_goes_on_in_the_next_part_and_its_shared_rows_stand_once() -> None:
    rows = [f"<tr><td>item {n}</td><td>{n}.00</td></tr>" for n in range(6)]
    upper = grounded(UPPER, ("table", f"<table>{''.join(rows[:4])}</table>", box(100, 700, 900, 1070)))
    lower = grounded(LOWER, ("table", f"<table>{''.join(rows[2:])}</table>", box(100, 930, 900, 1500)))
    [block] = parse_parts([upper, lower]).blocks
    assert block.label is BlockLabel.TABLE
    assert block.table is not None
    assert [cell.text for cell in block.table.cells if cell.column == 0] == [f"item {n}" for n in range(6)]
    assert block.table.row_count == 6


def test_text_without_boxes_is_joined_too() -> None:
    upper = prediction("The first paragraph.\n\nIt ends with a sentence about the old har", ResponseFormat.MARKDOWN)
    lower = prediction("a sentence about the old harbour and its boats.\n\nThe last one.", ResponseFormat.MARKDOWN)
    blocks = parse_parts([(upper, part(UPPER)), (lower, part(LOWER))]).blocks
    joined = "It ends with a sentence about the old harbour and its boats."
    assert texts(blocks) == ["The first paragraph.", joined, "The last one."]


def test_an_empty_part_does_not_make_the_page_empty() -> None:
    some, none = grounded(UPPER, ("text", "Some text.", box(0, 0, 100, 100))), (prediction(""), part(LOWER))
    assert parse_parts([some, none]).issues == ()
    assert [issue.code for issue in parse_parts([none, none]).issues] == [IssueCode.EMPTY_ANSWER]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("alpha beta gamma delta", "beta gamma delta epsilon", "alpha beta gamma delta epsilon"),
        (
            "数据处理和文字识别的方法及其在实践中的应用",
            "文字识别的方法及其在实践中的应用与结果",
            "数据处理和文字识别的方法及其在实践中的应用与结果",
        ),
        ("数据处理和文字识别", "文字识别与结果", None),
        ("nothing in common", "with this sentence", None),
        ("a word", "a word that is short", None),
    ],
)
def test_texts_are_stitched_only_where_much_of_them_is_shared(first: str, second: str, joined: str | None) -> None:
    assert stitch_texts(first, second) == joined
