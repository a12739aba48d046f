"""olmOCR-bench's tests are judged as its `bench/tests.py` judges them."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from ocr_mcp.errors import SourceError
from ocr_mcp.evaluation.near_matches import find_match_starts
from ocr_mcp.evaluation.olmocr_rules import count_repeats_at_end, passes

PIPES = "| Name | 2024 | 2025 |\n| --- | --- | --- |\n| Apples | 10 | 12 |\n| Pears | 7 | 9 |"
SPANS = (
    "<table><thead><tr><th rowspan='2'>Name</th><th colspan='2'>Years</th></tr><tr><th>2024</th><th>2025</th></tr>"
    "</thead><tr><td>Apples</td><td>10</td><td>12</td></tr></table>"
)


def rule(kind: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, "pdf": "a.pdf", "page": 1, "id": "a"} | values


def test_text_is_found_whatever_its_quotes_dashes_emphasis_and_lines() -> None:
    wanted = rule("present", text='the "first" part - of it')
    assert passes(wanted, "Here is **the “first”\npart** — of it.")
    assert not passes(wanted, "Here is the second part of it.")
    assert passes(rule("absent", text="page 3 of 9"), "Words only.")


def test_so_many_differences_are_forgiven_and_no_more() -> None:
    markdown = "The quick brown fox jumps over the lazy dog"
    assert passes(rule("present", text="quick brawn fox jumps", max_diffs=2), markdown)
    assert not passes(rule("present", text="quick brawn fox jumps", max_diffs=0), markdown)


def test_text_may_be_wanted_at_the_beginning_or_the_end_only() -> None:
    markdown = "Header 17. " + "Some words. " * 20 + "Footer 4"
    assert passes(rule("present", text="Header 17", first_n=20), markdown)
    assert not passes(rule("present", text="Header 17", last_n=20), markdown)
    assert passes(rule("absent", text="words", first_n=5, last_n=5), markdown)


def test_case_counts_unless_it_does_not() -> None:
    assert not passes(rule("present", text="ABSTRACT"), "Abstract")
    assert passes(rule("present", text="ABSTRACT", case_sensitive=False), "Abstract")


def test_one_text_stands_before_another() -> None:
    order = rule("order", before="first words", after="second wards", max_diffs=1)
    assert passes(order, "The first words, then the second words.")
    assert not passes(order, "The second words, then the first words.")
    assert not passes(order, "The first words alone.")


@pytest.mark.parametrize("markdown", [PIPES, f"Text\n\n{SPANS}\n\nText"])
def test_a_cell_is_found_by_its_neighbours_and_headings(markdown: str) -> None:
    assert passes(rule("table", cell="10", left="Apples", right="12", up="2024"), markdown)
    assert passes(rule("table", cell="12", left_heading="Apples", top_heading="2025"), markdown)
    assert not passes(rule("table", cell="10", left="12"), markdown)
    assert not passes(rule("table", cell="11", left="Apples"), markdown)


def test_a_heading_over_two_columns_is_above_both() -> None:
    assert passes(rule("table", cell="2025", up="Years"), SPANS)
    assert passes(rule("table", cell="12", top_heading="Years"), SPANS)
    assert passes(rule("table", cell="2024", left="Name"), SPANS)
    assert not passes(rule("table", cell="Name", right="Apples"), SPANS)


def test_a_neighbour_below_is_the_next_cell_only() -> None:
    assert passes(rule("table", cell="10", down="7"), PIPES)
    assert not passes(rule("table", cell="2024", down="7"), PIPES)


def test_pipe_tables_can_be_ruled_out() -> None:
    assert not passes(rule("table", cell="10", left="Apples", ignore_markdown_tables=True), PIPES)


def test_a_formula_is_found_whatever_its_fonts_and_spaces() -> None:
    assert passes(rule("math", math=r"\mathbf{x}^{2} + y"), r"so $\bm{x}^2+y$ is")
    assert passes(rule("math", math="a=b"), "\\[\na = b\n\\]")
    assert not passes(rule("math", math="a=b"), "a=b in words")


def test_formats_are_looked_for_in_what_has_them() -> None:
    assert passes(rule("format", text="Methods", format="heading"), "Text\n\n## 2 Methods\n\nText")
    assert not passes(rule("format", text="Methods", format="heading"), "Methods")
    assert passes(rule("format", text="very", format="bold"), "It is **very** good")
    assert passes(rule("format", text="very", format="italic"), "It is *very* good")
    assert not passes(rule("format", text="very", format="italic"), "It is **very** good")


def test_a_footnote_marker_stands_raised_beside_its_text() -> None:
    footnote = rule("footnote", marker="1", appears_before_marker="as shown before")
    for marked in ("as shown before[^1].", "as shown before<sup>1</sup>.", "as shown before¹."):
        assert passes(footnote, marked)
    assert not passes(footnote, "as shown before 1.")
    assert not passes(footnote, "another place[^1]")
    assert passes(rule("footnote", marker="1", appears_after_marker="See the"), "<sup>1</sup> See the appendix.")


def test_a_sound_page_has_letters_no_endless_repetition_and_no_stray_script() -> None:
    baseline = rule("baseline")
    assert passes(baseline, "Words.")
    assert not passes(baseline, "---")
    assert not passes(baseline, "Words" + "ab" * 40)
    assert not passes(baseline, "Words 中文")
    assert passes(rule("baseline", check_disallowed_characters=False), "Words 中文")


def test_a_blank_page_stays_blank() -> None:
    blank = rule("baseline", max_length=10)
    assert passes(blank, "")
    assert not passes(blank, "This page is intentionally blank")
    picture = "![Figure 1, page 1](#figure-1-1)"
    assert not passes(blank, picture)
    assert passes(blank | {"max_length_skips_image_alt_tags": True}, picture)


def test_repetitions_are_counted_from_the_end() -> None:
    """The examples of olmOCR's `repeatdetect.py`."""
    assert count_repeats_at_end("abab")[:3] == [1, 2, 1]
    assert count_repeats_at_end("aabaabaa")[:3] == [2, 1, 2]
    assert count_repeats_at_end("a" * 10_000) == [10_000, 5_000, 3_333, 2_500, 2_000]
    assert count_repeats_at_end("abcabcxyz")[:3] == [1, 1, 1]


def test_an_unknown_type_of_test_is_an_error_and_no_failure() -> None:
    with pytest.raises(SourceError, match="no test of type 'chart'"):
        passes(rule("chart"), "")


@given(st.text("ab ", min_size=1, max_size=6), st.text("ab ", max_size=14), st.integers(1, 2))
def test_near_matches_are_those_of_every_part_compared(wanted: str, text: str, most: int) -> None:
    parts = itertools.combinations(range(len(text) + 1), 2)
    near = {start for start, end in parts if Levenshtein.distance(wanted, text[start:end]) <= most}
    assert set(find_match_starts(wanted, text, most)) - {len(text)} == near
