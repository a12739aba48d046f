"""Words that a line end broke in two."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.parsing.joining.hyphens import LINE_END, join_broken_words
from ocr_mcp.parsing.parsed import joined_lines

BOTH_ENDS = pytest.mark.parametrize("end", ["\n", LINE_END], ids=["as the model wrote it", "as lines were joined"])


def whole(*texts: str, join: bool = True, label: BlockLabel = BlockLabel.TEXT) -> str:
    """The last of the texts of a page, afterwards."""
    return join_broken_words([Block(label=label, text=text) for text in texts], join=join)[-1].text


@BOTH_ENDS
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("an exam-{}ple of it", "an example of it"),
        ("die Über-{}setzung", "die Übersetzung"),
        ("le dévelop-{}pement", "le développement"),
        ("Nord-{}Süd", None),
        ("COVID-{}19", None),
        ("page 3-{}5", None),
        ("Smith-{}jones", "Smithjones"),
        ("x-{}axis", None),
    ],
)
def test_a_hyphen_between_two_lower_case_letters_is_the_lines(written: str, read: str | None, end: str) -> None:
    """Anything else stays as it is, closed up where lines were joined."""
    text = written.format(end)
    assert whole(text) == (text.replace(LINE_END, "") if read is None else read)


@BOTH_ENDS
def test_a_word_that_the_page_has_with_a_hyphen_keeps_it(end: str) -> None:
    assert whole("A re-use of it.", f"the re-{end}use of parts") == "the re-use of parts"
    assert whole("A reuse of it.", f"the re-{end}use of parts") == "the reuse of parts"


@BOTH_ENDS
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a self-{}contained part", "a self-contained part"),
        ("state-of-the-{}art", "state-of-the-art"),
        ("https://exa-{}mple.org", "https://exa-mple.org"),
        ("alpha@beta-{}gamma.org", "alpha@beta-gamma.org"),
    ],
)
def test_a_hyphen_that_belongs_to_the_word_stays(written: str, read: str, end: str) -> None:
    assert whole(written.format(end)) == read


def test_a_hyphen_that_stands_for_a_word_to_come_keeps_its_space() -> None:
    assert whole(f"Vor-{LINE_END}und Nachteile") == "Vor- und Nachteile"
    assert whole(f"vor-{LINE_END}und nachteile") == "vor- und nachteile"
    assert whole("two-\nor threefold") == "two-\nor threefold"


def test_a_soft_hyphen_is_never_part_of_a_word() -> None:
    assert whole(f"Exam\u00ad{LINE_END}ple") == "Example"


def test_hyphens_stay_where_that_is_wanted() -> None:
    assert whole("exam-\nple", join=False) == "exam-\nple"
    assert whole(joined_lines(["exam-", "ple"]), join=False) == "exam-ple"


@pytest.mark.parametrize("label", [BlockLabel.CODE, BlockLabel.FORMULA, BlockLabel.TABLE])
def test_code_formulas_and_tables_are_left_alone(label: BlockLabel) -> None:
    assert whole("exam-\nple", label=label) == "exam-\nple"


def test_maths_and_code_inside_a_text_are_left_alone() -> None:
    text = "where \\(alpha-\nbeta\\), $alpha-\nbeta$"
    assert whole(text) == text


@settings(deadline=None)
@given(st.lists(st.text("ab -\u00adA1.\n", max_size=12), max_size=4), st.booleans())
def test_nothing_is_lost_but_hyphens_and_breaks(texts: list[str], join: bool) -> None:
    blocks = [Block(label=BlockLabel.TEXT, text=joined_lines(text.split("\n"))) for text in texts]
    read = join_broken_words(blocks, join=join)

    def kept(found: list[Block]) -> Counter[str]:
        return Counter(character for block in found for character in block.text if character not in "-\u00ad \u2028\n")

    assert kept(list(read)) == kept(blocks)
    assert not any(LINE_END in block.text for block in read)
