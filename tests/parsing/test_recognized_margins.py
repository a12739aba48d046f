"""Headers and footers, and lines in a script that is not read, among what the embedded engine finds."""

import json

import pytest

from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import Size
from ocr_mcp.parsing.layout.recognized import parse_recognized
from ocr_mcp.parsing.parsed import ParsedAnswer
from tests.parsing.pages import page_image
from tests.parsing.test_recognized import Written, column, labels, line, prose

PAGE = page_image(Size(width=1000, height=2000))
BODY = column(prose("a"), 100, 400)


def parse(lines: list[Written]) -> ParsedAnswer:
    return parse_recognized(json.dumps({"lines": lines}), PAGE)


@pytest.mark.parametrize("head", ["12 Annual Report", "Annual Report 12", "7-45"])
def test_a_running_head_with_a_page_number_is_the_pages_header(head: str) -> None:
    assert labels([line(head, 100, 60), *BODY])[0] == ("page_header", head)


def test_a_number_beside_a_head_counts_even_where_margins_are_wide() -> None:
    page = [line("On Tables", 300, 260), line("9", 700, 260), *BODY]
    assert labels(page)[0] == ("page_header", "On Tables 9")


def test_small_type_at_the_foot_is_the_pages_footer() -> None:
    assert labels([*BODY, line("Registered in Ireland", 100, 1950, scale=0.8)])[-1][0] == "page_footer"


def test_a_heading_at_the_very_top_of_a_picture_is_no_header() -> None:
    """Pictures are cut where their text begins."""
    assert labels([line("The Results of the Year", 100, 20), *BODY])[0][0] == "text"


def test_what_stands_in_the_margin_keeps_its_lines_and_confidence() -> None:
    block = parse([line("Annual Report", 100, 60), line("12", 800, 60), *BODY]).blocks[0]
    assert ([found.text for found in block.lines], block.confidence) == (["Annual Report", "12"], pytest.approx(0.9))


def unread(y: float, text: str = "立 2", confidence: float = 0.7) -> Written:
    return {"text": text, "box": [100, y, 900, y + 20], "confidence": confidence}


def test_a_page_in_a_script_that_is_not_read_is_said_not_guessed() -> None:
    """A Korean page: where its lines stand is known, and a web address can be read."""
    parsed = parse([*(unread(100 + 30 * n) for n in range(10)), line("www.nars.go.kr", 100, 600)])
    assert [block.text for block in parsed.blocks if block.text] == ["www.nars.go.kr"]
    assert [len(block.boxes) for block in parsed.blocks if not block.text] == [1] * 10
    assert [issue.code for issue in parsed.issues] == [IssueCode.UNREAD_SCRIPT]
    assert parsed.issues[0].message.startswith("10 of the 11 lines")


def test_characters_that_the_engine_is_unsure_of_all_over_a_page_are_not_read() -> None:
    guesses: list[Written] = [line("HE HRTOT EIT", 100, 100 + 30 * n, confidence=0.52) for n in range(5)]
    assert [issue.code for issue in parse(guesses).issues] == [IssueCode.UNREAD_SCRIPT]


def test_one_widely_spaced_or_doubtful_line_is_text_like_any_other() -> None:
    parsed = parse(
        [*BODY, {**line("d a", 100, 900), "box": [100, 900, 300, 920]}, line("x1 = y", 100, 1000, confidence=0.5)]
    )
    assert ([block.text for block in parsed.blocks[1:]], parsed.issues) == (["d a", "x1 = y"], ())


def test_single_digits_in_large_boxes_are_read() -> None:
    page = [line(digit, 100 + 200 * n, 100 + 40 * m) for n, digit in enumerate("123") for m in range(4)]
    wide: list[Written] = [
        {"text": w["text"], "box": [100 + 200 * (n // 4), 100 + 40 * (n % 4), 138 + 200 * (n // 4), 120 + 40 * (n % 4)]}
        for n, w in enumerate(page)
    ]
    assert parse(wide).issues == ()
