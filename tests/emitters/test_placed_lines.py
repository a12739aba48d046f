"""Where the words of a line, and the lines of a text, are put."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.emitters.placed_lines import place_line, set_lines
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.turning import Turn

LINE = BoundingBox(left=100, top=50, right=300, bottom=60)
COLUMN = BoundingBox(left=100, top=50, right=300, bottom=200)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)


def texts(line: str, box: BoundingBox = LINE) -> list[str]:
    return [word.text for word in place_line(line, box)]


def test_words_share_the_line_by_their_widths() -> None:
    """An i is narrower than a W: a third of the width each would put the second word beside its place."""
    first, second, third = place_line("iiii WWWW iiii", LINE)
    assert (first.left, third.right) == pytest.approx((100, 300))
    assert second.right - second.left > 3 * (first.right - first.left)
    assert [(word.top, word.bottom) for word in (first, second, third)] == [(50, 60)] * 3


def test_a_space_follows_each_word_but_the_last() -> None:
    assert texts("all of it") == ["all ", "of ", "it"]


def test_chinese_in_a_latin_line_is_a_word_without_spaces() -> None:
    assert texts("于2026年done") == ["于", "2026", "年", "done"]


def test_arabic_is_drawn_from_left_to_right_like_everything_else() -> None:
    """Programs that take text out of a PDF expect the order that is seen, and turn it round themselves."""
    assert texts("مرحبا بالعالم") == ["ملاعلاب ", "ابحرم"]
    assert texts("سعر 250 دينار") == ["رانيد ", "250 ", "رعس"]


def test_a_high_line_is_turned_or_a_column_of_characters() -> None:
    margin = BoundingBox(left=10, top=100, right=20, bottom=300)
    first, second = place_line("turned text", margin)
    assert first.turn is Turn.RIGHT
    assert (first.top, second.bottom) == (100, 300)
    column = list(place_line("縦書き文", margin))
    assert [(word.text, word.top, word.turn) for word in column] == [
        ("縦", 100, 0), ("書", 150, 0), ("き", 200, 0), ("文", 250, 0),
    ]  # fmt: skip


def test_a_paragraph_fills_its_box_line_by_line() -> None:
    lines = set_lines("one two three four five six seven eight nine ten " * 4, COLUMN)
    assert len(lines) > 3
    assert all(COLUMN.left <= box.left and box.right <= COLUMN.right for _, box in lines)
    assert all(above.bottom <= below.top for (_, above), (_, below) in pairwise(lines))
    assert lines[-1][1].bottom > 0.8 * COLUMN.height + COLUMN.top


def test_line_breaks_of_the_text_are_kept() -> None:
    assert [text for text, _ in set_lines("one\ntwo\nthree", COLUMN)] == ["one", "two", "three"]


@given(TEXTS)
def test_no_word_is_lost_and_none_leaves_the_box(text: str) -> None:
    words = [word for line, box in set_lines(text, COLUMN) for word in place_line(line, box)]
    assert sorted("".join(word.text for word in words).replace(" ", "")) == sorted("".join(text.split()))
    for word in words:
        assert COLUMN.left - 0.01 <= word.left <= word.right <= COLUMN.right + 0.01
        assert COLUMN.top - 0.01 <= word.top <= word.bottom <= COLUMN.bottom + 0.01
