"""TEDS is 1 - edits / nodes, the table itself not counted (Zhong et al. 2020; PubTabNet's and OmniDocBench's code)."""

import pytest

from ocr_mcp.evaluation.tree_distance import teds


def table(*rows: str) -> str:
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


TWO_BY_TWO = table("<td>ab</td><td>cd</td>", "<td>ef</td><td>gh</td>")
"""2 rows and 4 cells: 6 nodes."""


def test_the_same_table_is_1() -> None:
    assert teds(TWO_BY_TWO, TWO_BY_TWO) == 1.0


def test_no_table_is_0() -> None:
    assert teds(None, TWO_BY_TWO) == teds("only text", TWO_BY_TWO) == 0.0


def test_a_cell_too_few_is_one_edit() -> None:
    read = table("<td>ab</td><td>cd</td>", "<td>ef</td>")
    assert teds(read, TWO_BY_TWO) == pytest.approx(1 - 1 / 6)
    assert teds(TWO_BY_TWO, read) == pytest.approx(1 - 1 / 6)


def test_a_row_too_few_is_its_cells_too() -> None:
    assert teds(table("<td>ab</td><td>cd</td>"), TWO_BY_TWO) == pytest.approx(1 - 3 / 6)


def test_a_wrong_letter_costs_its_share_of_the_cell() -> None:
    read = table("<td>ax</td><td>cd</td>", "<td>ef</td><td>gh</td>")
    assert teds(read, TWO_BY_TWO) == pytest.approx(1 - 0.5 / 6)
    assert teds(read, TWO_BY_TWO, structure_only=True) == 1.0


def test_a_wrong_span_costs_a_whole_cell() -> None:
    true = table('<td colspan="2">ab</td>', "<td>ef</td><td>gh</td>")
    read = table("<td>ab</td>", "<td>ef</td><td>gh</td>")
    assert teds(read, true) == pytest.approx(1 - 1 / 5)
    assert teds(read, true, structure_only=True) == pytest.approx(1 - 1 / 5)


def test_a_tag_in_a_cell_is_a_character_and_a_node() -> None:
    """`<b>ab</b>` against `ab`: 2 of 4 tokens differ; the table has 7 nodes, the bold one too."""
    true = table("<td><b>ab</b></td><td>cd</td>", "<td>ef</td><td>gh</td>")
    assert teds(TWO_BY_TWO, true) == pytest.approx(1 - 0.5 / 7)


def test_header_cells_row_groups_attributes_and_wrappers_make_no_difference() -> None:
    read = (
        '<table class="wide"><thead><tr><th align="left">ab</th><th><span>cd</span></th></tr></thead>'
        "<tbody><tr><td>e<sup>f</sup></td>\n<td>gh</td></tr></tbody></table>"
    )
    assert teds(read, TWO_BY_TWO) == 1.0


def test_full_width_letters_are_the_same_letters() -> None:
    assert teds(table("<td>ａｂ</td><td>cd</td>", "<td>ef</td><td>gh</td>"), TWO_BY_TWO) == 1.0


def test_what_looks_like_a_tag_in_a_text_is_text() -> None:
    same = table("<td>p &lt; 0.05</td>")
    assert teds(same, same) == 1.0
