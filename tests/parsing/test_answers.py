"""Predictions of every format, parsed by the parser of their format."""

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.predictions import ResponseFormat, StopReason
from ocr_mcp.parsing.answers import parse_prediction
from tests.parsing.pages import page_image, prediction

PIECES = [
    "\n",
    "\n\n",
    "# ",
    "## Heading",
    "- item",
    "1. item",
    "```",
    "```python\n",
    "~~~",
    "\\[",
    "\\]",
    "$$",
    "\\(x\\)",
    "| a | b |",
    "\n|---|---|\n",
    "<table>",
    "<tr><td>",
    "</td>",
    "</table>",
    "<td rowspan=9 colspan='99999'>",
    "<th>",
    "a < b",
    "[[1,2,3,4]]",
    "{'a': [",
    '{"lines": [{"text": "x", "box": [0, 0, 9, 9]}]}',
    ",",
    "12.5",
]
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="|")
CONTENT = st.lists(st.one_of(st.sampled_from(PIECES), st.text(CHARACTERS, max_size=8)), max_size=12).map("".join)
LABELS = st.sampled_from(
    ["text", "title", "list", "table", "table_caption", "image", "equation", "code", "header", "sidebar"]
)
HEADERS = {
    "tagged": "<|ref|>{}<|/ref|><|det|>[[1, 2, 30, 40]]<|/det|>",
    "bare": "{}[[1, 2, 30, 40]]",
}
MARKUP = set("#`~$\\[]()")
"""Characters of heading marks, fences and formula delimiters: the only ones that a parser may take away."""

thorough = settings(deadline=None, derandomize=True, max_examples=300)


def codes(text: str, response_format: ResponseFormat, stop: StopReason = StopReason.STOP) -> list[IssueCode]:
    return [issue.code for issue in parse_prediction(prediction(text, response_format, stop), page_image()).issues]


def characters(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


@thorough
@given(lead=CONTENT, regions=st.lists(st.tuples(LABELS, st.sampled_from(sorted(HEADERS)), CONTENT), max_size=5))
@example(lead="", regions=[("table", "bare", ""), ("table_caption", "bare", "Table 1\n| a | b |\n|---|---|\nrest")])
@example(lead="", regions=[("title", "tagged", "# a\n<table>")])
def test_nothing_that_the_model_wrote_is_lost(lead: str, regions: list[tuple[str, str, str]]) -> None:
    """A parser may take away marks of headings, fences and formulas, and nothing else."""
    answer = lead + "".join(f"\n{HEADERS[kind].format(label)}\n{content}\n" for label, kind, content in regions)
    blocks = parse_prediction(prediction(answer), page_image()).blocks
    written = characters(lead + "".join(content for _, _, content in regions))
    read = characters("".join(block.text for block in blocks))
    assert set(written - read) <= MARKUP


@thorough
@given(CONTENT)
def test_nothing_is_lost_of_free_text_either(content: str) -> None:
    blocks = parse_prediction(prediction(content, ResponseFormat.MARKDOWN), page_image()).blocks
    assert set(characters(content) - characters("".join(block.text for block in blocks))) <= MARKUP


@thorough
@given(st.lists(st.text(CHARACTERS, min_size=1, max_size=20).filter(lambda text: "[[" not in text), max_size=5))
def test_nothing_is_lost_of_lines(lines: list[str]) -> None:
    answer = "\n".join(f"{line}[[1, 2, 30, 40]]" for line in lines)
    blocks = parse_prediction(prediction(answer, ResponseFormat.GROUNDED_LINES), page_image()).blocks
    assert not characters("".join(lines)) - characters("".join(block.text for block in blocks))


@thorough
@given(st.sampled_from(ResponseFormat), st.sampled_from(StopReason), st.one_of(CONTENT, st.text(max_size=60)))
def test_no_answer_is_an_error(response_format: ResponseFormat, stop: StopReason, text: str) -> None:
    """Oddities are issues on the page; the page itself is never lost."""
    parsed = parse_prediction(prediction(text, response_format, stop), page_image())
    assert len(set(parsed.issues)) == len(parsed.issues)


@pytest.mark.parametrize(
    ("stop", "code"), [(StopReason.LENGTH, IssueCode.TRUNCATED), (StopReason.LOOP, IssueCode.LOOP)]
)
def test_an_answer_that_did_not_end_by_itself_is_reported(stop: StopReason, code: IssueCode) -> None:
    assert codes("Some text", ResponseFormat.MARKDOWN, stop) == [code]


@pytest.mark.parametrize("text", ["", "  \n", "...", "—!", "<|ref|>"])
@pytest.mark.parametrize("response_format", [ResponseFormat.GROUNDED, ResponseFormat.MARKDOWN, ResponseFormat.PROSE])
def test_an_empty_answer_is_reported(text: str, response_format: ResponseFormat) -> None:
    """DeepSeek-OCR #272: empty or punctuation-only output."""
    assert IssueCode.EMPTY_ANSWER in codes(text, response_format)


def test_a_page_that_is_one_picture_is_not_empty() -> None:
    assert codes("image[[0, 0, 999, 999]]\n", ResponseFormat.GROUNDED) == []


def test_a_page_without_text_is_called_so_by_the_recogniser() -> None:
    assert codes('{"lines": []}', ResponseFormat.RECOGNIZED_LINES) == [IssueCode.EMPTY_ANSWER]


def test_tagged_regions_in_an_answer_to_free_ocr_are_still_read() -> None:
    """The model is sensitive to wording and sometimes grounds unasked."""
    answer = "<|ref|>text<|/ref|><|det|>[[0, 0, 99, 99]]<|/det|>\nHello"
    block = parse_prediction(prediction(answer, ResponseFormat.MARKDOWN), page_image()).blocks[0]
    assert (block.text, len(block.boxes)) == ("Hello", 1)


def test_the_token_that_ends_an_answer_is_no_text() -> None:
    answer = "Hello<｜end▁of▁sentence｜>"
    assert parse_prediction(prediction(answer, ResponseFormat.MARKDOWN), page_image()).blocks[0].text == "Hello"
