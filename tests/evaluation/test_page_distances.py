"""Distances are counted as OmniDocBench v1.5 counts them; the figures here are worked out by hand.

`python -m benchmarks.omnidocbench_agreement` compares with the figures of its evaluator on its own demo pages.
"""

import pytest

from ocr_mcp.evaluation.cases import TruthBlock, TruthKind
from ocr_mcp.evaluation.page_distances import (
    EditSum,
    measure_distances,
    measure_whole_distance,
    pair_tables,
    to_plain_text,
)

ONE = "The first paragraph says one thing."  # 29 letters
TWO = "Another paragraph speaks of something else."  # 37 letters
THREE = "At last a third one closes the page."  # 28 letters


def blocks(*texts: str) -> list[TruthBlock]:
    return [TruthBlock(kind=TruthKind.TEXT, content=text, order=n) for n, text in enumerate(texts, start=1)]


def margin(text: str) -> TruthBlock:
    return TruthBlock(kind=TruthKind.TEXT, content=text, order=None, is_margin=True)


def formula(latex: str, order: float) -> TruthBlock:
    return TruthBlock(kind=TruthKind.FORMULA, content=latex, order=order)


def table(html: str) -> TruthBlock:
    return TruthBlock(kind=TruthKind.TABLE, content=html, order=None)


def test_the_same_page_is_at_no_distance() -> None:
    found = measure_distances(blocks(ONE, TWO, THREE), f"{ONE}\n\n{TWO}\n\n{THREE}")
    assert found.text == EditSum(edits=0, characters=29 + 37 + 28)
    assert found.order == 0


def test_edits_and_characters_are_summed_over_the_page() -> None:
    found = measure_distances(blocks(ONE, TWO), f"{ONE.replace('first', 'fist')}\n\n{TWO.replace('else', 'Else!')}")
    assert found.text == EditSum(edits=2, characters=29 + 37)


def test_the_longer_text_of_a_pair_counts() -> None:
    found = measure_distances(blocks(ONE, TWO), f"{ONE} And more.\n\n{TWO}")
    assert found.text == EditSum(edits=7, characters=36 + 37)


def test_a_missing_block_is_all_wrong() -> None:
    found = measure_distances(blocks(ONE, TWO), ONE)
    assert found.text == EditSum(edits=37, characters=29 + 37)
    assert found.order == pytest.approx(1 / 2)


def test_nothing_read_is_distance_one() -> None:
    found = measure_distances(blocks(ONE, TWO), "")
    assert found.text is not None
    assert (found.text.distance, found.order) == (1.0, 1.0)


def test_text_that_no_block_is_left_for_is_not_counted() -> None:
    assert measure_distances(blocks(ONE), f"{ONE}\n\nAn advertisement of the scanner.").text == EditSum(
        edits=0, characters=29
    )


def test_another_order_changes_the_order_and_not_the_text() -> None:
    """1 2 3 read as 3 1 2: one removed and one put in, of three."""
    found = measure_distances(blocks(ONE, TWO, THREE), f"{THREE}\n\n{ONE}\n\n{TWO}")
    assert found.text == EditSum(edits=0, characters=29 + 37 + 28)
    assert found.order == pytest.approx(2 / 3)


def test_lines_that_together_are_a_block_are_joined() -> None:
    """The joint is a space, which cleaning would not leave: it is one edit in the matching and none in the figure."""
    words = TWO.split()
    read = "\n\n".join([ONE, " ".join(words[:3]), " ".join(words[3:]), THREE])
    found = measure_distances(blocks(ONE, TWO, THREE), read)
    assert found.text == EditSum(edits=0, characters=29 + 37 + 28)
    assert found.order == 0


def test_blocks_that_stand_within_one_of_the_answer_are_joined() -> None:
    found = measure_distances(blocks(ONE, TWO, THREE), f"{ONE}\n\n{TWO} {THREE}")
    assert found.text == EditSum(edits=0, characters=29 + 37 + 28)


def test_headers_and_captions_are_matched_and_not_scored() -> None:
    found = measure_distances([*blocks(ONE), margin("Annual report 2026")], f"Annual report 2025\n\n{ONE}")
    assert found.text == EditSum(edits=0, characters=29)


def test_a_formula_is_compared_with_a_formula() -> None:
    found = measure_distances([*blocks(ONE), formula(r"\mathbf{a}+b=c", 2)], f"{ONE}\n\n$$ a + b = d $$")
    assert found.text == EditSum(edits=0, characters=29)
    assert found.formulas == EditSum(edits=3, characters=7)  # {a}+b=c and a+b=d


def test_a_formula_that_was_read_as_text_is_compared_as_text() -> None:
    found = measure_distances([*blocks(ONE), formula(r"x_1 + y_1 = 22222", 2)], f"{ONE}\n\nx_1 + y_1 = 22222")
    assert found.formulas is None
    assert found.text == EditSum(edits=0, characters=29 + len("x_1y_122222"))


def test_each_table_has_at_most_one_partner() -> None:
    first, second = (f"<table><tr><td>{word}</td></tr></table>" for word in ("apples", "pears"))
    assert pair_tables([table(first), table(second)], f"Text\n\n{second}") == [(first, None), (second, second)]


def test_cells_of_a_table_too_many_are_texts() -> None:
    true = "<table><tr><td>apples</td><td>pears and more</td></tr></table>"
    read = f"<table><tr><td>{ONE}</td></tr></table>\n\n{true}"
    assert measure_distances([*blocks(ONE), table(true)], read).text == EditSum(edits=0, characters=29)


def test_a_whole_page_is_compared_in_its_order() -> None:
    assert measure_whole_distance("abcd efgh", "abcd\n\nefgh") == 0
    assert measure_whole_distance("abcdefgh", "abcdefgx") == pytest.approx(1 / 8)
    assert measure_whole_distance("abcd efgh", "efgh abcd") == 1.0
    assert measure_whole_distance("...", "!") is None


def test_cells_of_tables_and_formulas_are_part_of_a_whole_page() -> None:
    markdown = "Head\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n$$\\alpha_1$$\n\nEnd $x$"
    assert to_plain_text(markdown).split("\n") == ["Head", "a", "b", "1", "2", "α_1", "End $x$"]
