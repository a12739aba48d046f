"""A second opinion: what two readings of a page share, and the passages on which they differ."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.second_opinions import Difference, DifferenceKind
from ocr_mcp.parsing.comparison.comparing import Comparison, Passage, compare
from tests.parsing.simulated_loops import good_page

INVENTED, OMITTED = DifferenceKind.INVENTED, DifferenceKind.OMITTED
NUMBER, WORDS = DifferenceKind.NUMBER, DifferenceKind.WORDS


def row(at: int, *, left: float = 50, width: float = 400) -> BoundingBox:
    return BoundingBox(left=left, top=20.0 * at, right=left + width, bottom=20.0 * at + 15)


def lines(*texts: str) -> list[tuple[str, BoundingBox]]:
    return [(text, row(at)) for at, text in enumerate(texts)]


def read(*texts: str) -> list[Passage]:
    return [Passage(text, at) for at, text in enumerate(texts)]


def said(found: Comparison) -> list[tuple[DifferenceKind, str, str]]:
    return [(each.kind, each.read, each.seen) for each in found.differences]


def test_two_equal_readings_agree_wholly() -> None:
    found = compare(read("Invoice 4711", "The total is 90 euros."), lines("Invoice 4711", "The total is 90 euros."))
    assert found == Comparison(1.0, ())


def test_nothing_and_nothing_do_not_agree_by_any_number() -> None:
    assert compare([], []) == Comparison(None, ())


@pytest.mark.parametrize(
    "text",
    [
        "# The **total** amount, payable within thirty days",
        "The total amount, payable with\u00adin thirty days",
        "The total amount, payable with-\nin thirty days",
        "<b>THE TOTAL AMOUNT</b>, payable within\nthirty   days",
    ],
)
def test_markup_case_line_ends_and_hyphens_are_no_differences(text: str) -> None:
    assert compare(read(text), lines("The total amount,", "payable within thirty days")) == Comparison(1.0, ())


def test_ligatures_accents_and_width_are_no_differences() -> None:
    assert compare(read("Eﬃcient ﬁnance in Zürich １２"), lines("Efficient finance in Zurich 12")) == Comparison(
        1.0, ()
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_the_order_in_which_two_engines_read_a_page_does_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    sentences = [f"{sentence} {rng.randrange(10_000)}" for sentence in good_page(rng, 1500).split(". ") if sentence]
    shuffled = rng.sample(sentences, len(sentences))
    assert compare(read(*sentences), lines(*shuffled)) == Comparison(1.0, ())


def test_numbers_that_differ_come_first() -> None:
    text = "The comittee met. The total is 1,284.50 EUR, due on 12 May 2024."
    found = compare(
        read(text, "An invented sentence about the future."), lines("The group met.", text[18:].replace("284", "234"))
    )
    assert said(found)[0] == (NUMBER, "1,284.50", "1,234.50")
    assert [kind for kind, *_ in said(found)] == sorted(
        (kind for kind, *_ in said(found)), key=list(DifferenceKind).index
    )


def test_a_decimal_mark_in_another_place_is_another_number_and_another_style_is_not() -> None:
    assert said(compare(read("The price is 12.50 today"), lines("The price is 125.0 today"))) == [
        (NUMBER, "12.50", "125.0")
    ]
    assert said(compare(read("The price is 1,234.50 today"), lines("The price is 1.234,50 today"))) == []


def test_letters_that_look_like_digits_are_misread_and_no_other_number() -> None:
    assert said(compare(read("Room 101 is on floor 5"), lines("Room lO1 is on floor S"))) == []


def test_what_stands_nowhere_on_the_page_and_what_was_left_out_are_told_apart() -> None:
    found = compare(
        read("The first paragraph is right.", "The buyer has accepted all conditions."),
        lines("The first paragraph is right.", "Goods remain the property of the seller."),
    )
    assert said(found) == [
        (INVENTED, "The buyer has accepted all conditions.", ""),
        (OMITTED, "", "Goods remain the property of the seller."),
    ]
    assert [each.block for each in found.differences] == [1, None]
    assert found.differences[1].boxes == (row(1),)


def test_a_word_that_turns_a_sentence_round_is_listed() -> None:
    found = compare(read("The goods shall be returned in time."), lines("The goods shall not be returned in time."))
    assert said(found) == [(OMITTED, "", "not")]


def test_a_passage_that_a_model_wrote_twice_was_seen_once() -> None:
    sentence = "Payment is due within thirty days."
    assert said(
        compare(read(sentence, "Another line of text.", sentence), lines(sentence, "Another line of text."))
    ) == [(INVENTED, sentence, "")]


def test_cells_of_a_table_are_found_whichever_way_an_engine_cuts_its_rows() -> None:
    table = "Apples\t12.50\t3\nPears\t8.00\t14\nPlums\t8.00\t3"
    cells = [cell for line in table.split("\n") for cell in line.split("\t")]
    assert compare(read(table), lines(*table.replace("\t", " ").split("\n"))).differences == ()
    assert compare(read(table), lines(*cells)).differences == ()
    wrong = compare(read(table.replace("12.50", "17.50")), lines(*cells))
    assert said(wrong) == [(NUMBER, "17.50", "12.50")]


def test_the_same_words_in_two_columns_are_matched_by_where_they_stand() -> None:
    """Both columns have such a line, with other numbers; the engines read the columns in another order."""
    left, right = row(1, width=100), row(1, left=300, width=100)
    passages = [Passage("Total amount 100.00", 0, (left,)), Passage("Total amount 200.00", 1, (right,))]
    found = compare(passages, [("Total amount 200.00", left), ("Total amount 100.00", right)])
    boxes = {(each.block, each.boxes[0].left >= 300) for each in found.differences}
    assert {each.kind for each in found.differences} <= {NUMBER}
    assert boxes <= {(0, False), (1, True)}


def test_a_line_that_runs_over_two_columns_is_found_in_both() -> None:
    found = compare(
        read("The left column ends here", "and the right column goes on", "with more of the left"),
        lines("The left column ends here and the right column goes on", "with more of the left"),
    )
    assert found == Comparison(1.0, ())


def test_formulas_are_written_in_too_many_ways_to_differ() -> None:
    text = r"The energy \( E = \frac{mc^2}{2} \) is conserved in the system."
    assert said(compare(read(text), lines("The energy E=mc2/2 is conserved in the system."))) == []


def test_a_difference_stands_where_its_words_stand_in_the_line() -> None:
    (found,) = compare(read("aaaa bbbb cccc 1111"), lines("aaaa bbbb cccc 2222")).differences
    (box,) = found.boxes
    assert (round(box.left), round(box.right), box.top) == (round(50 + 400 * 15 / 19), 450, 0)


def changed(page: str, rng: random.Random) -> tuple[str, str]:
    """A page with one digit of one number changed, and that number."""
    numbers = [at for at, character in enumerate(page) if character.isdigit()]
    at = rng.choice(numbers)
    digit = rng.choice([each for each in "0123456789" if each != page[at]])
    spoiled = page[:at] + digit + page[at + 1 :]
    return spoiled, next(word for word in spoiled.split() if word not in page.split())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_a_changed_digit_is_always_listed_and_nothing_else(seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        f"{text.strip()} {rng.randrange(10_000, 99_999)}." for text in good_page(rng, 1200).split(". ") if text.strip()
    ]
    spoiled, number = changed("\n".join(rows), rng)
    found: tuple[Difference, ...] = compare(read(*spoiled.split("\n")), lines(*rng.sample(rows, len(rows)))).differences
    assert [(each.kind, each.read) for each in found] == [(NUMBER, number)]


def test_lines_that_were_left_out_together_are_one_passage_with_the_place_of_each() -> None:
    kept, *lost, far = "The first line is here", "and then a whole", "paragraph was left", "out of it", "Far below it"
    seen = [*lines(kept, *lost), (far, row(30))]
    found = compare(read(kept), seen)
    assert said(found) == [(OMITTED, "", " ".join(lost)), (OMITTED, "", far)]
    assert found.differences[0].boxes == (row(1), row(2), row(3))
