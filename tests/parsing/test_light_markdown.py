"""Answers to `Free OCR.`: text or light Markdown without boxes, in which tables may be HTML."""

import pytest

from ocr_mcp.parsing.vlm.light_markdown import parse_light_markdown


def summary(text: str) -> list[tuple[str, str]]:
    return [(block.label.value, block.text) for block in parse_light_markdown(text).blocks]


def test_blank_lines_part_paragraphs_whose_lines_are_kept() -> None:
    assert summary("one\nstill one\n\ntwo\n") == [("text", "one\nstill one"), ("text", "two")]


def test_headings_carry_their_level() -> None:
    blocks = parse_light_markdown("# A\ntext\n### B").blocks
    assert [(b.label.value, b.text, b.level) for b in blocks] == [
        ("section_header", "A", 1),
        ("text", "text", None),
        ("section_header", "B", 3),
    ]


def test_a_number_sign_without_a_space_is_text() -> None:
    assert summary("#1 in sales") == [("text", "#1 in sales")]


@pytest.mark.parametrize("marker", ["-", "*", "•", "1.", "12)", "(a)", "iv)"])
def test_list_items_keep_their_marker_and_their_further_lines(marker: str) -> None:
    assert summary(f"{marker} one\n   more\n{marker} two") == [
        ("list_item", f"{marker} one\n   more"),
        ("list_item", f"{marker} two"),
    ]


def test_html_and_pipe_tables_are_tables_with_their_source() -> None:
    html = "<table><tr><td>a</td></tr></table>"
    pipes = "| a | b |\n|---|---|\n| 1 | 2 |"
    answer = f"before\n{html}\n{pipes}\nafter"
    assert summary(answer) == [("text", "before"), ("table", html), ("table", pipes), ("text", "after")]
    assert [block.table is not None for block in parse_light_markdown(answer).blocks] == [False, True, True, False]


def test_a_table_that_the_answer_breaks_off_in_is_still_a_table() -> None:
    assert summary("<table><tr><td>a</td></tr><tr><td>b")[0][0] == "table"


def test_one_line_with_bars_is_no_table() -> None:
    assert summary("|x| is the absolute value of x|") == [("text", "|x| is the absolute value of x|")]


@pytest.mark.parametrize("written", ["\\[ a = b \\]", "$$a = b$$", "\\[\na = b\n\\]", "$$\na = b\n$$"])
def test_display_formulas_lose_their_delimiters(written: str) -> None:
    assert summary(f"text\n{written}\nmore") == [("text", "text"), ("formula", "a = b"), ("text", "more")]


def test_a_formula_that_is_not_closed_is_text() -> None:
    assert summary("\\[ a = b\n\nmore") == [("text", "\\[ a = b"), ("text", "more")]


def test_fenced_code_is_taken_as_it_is() -> None:
    assert summary("```\n# no heading\n\n- no item\n```\ntext") == [
        ("code", "# no heading\n\n- no item"),
        ("text", "text"),
    ]


def test_a_fence_that_names_its_language_is_kept() -> None:
    assert summary("```python\nx = 1\n```") == [("code", "```python\nx = 1\n```")]
