"""Headings, captions and addresses among the lines that the embedded engine finds."""

import pytest

from tests.parsing.test_recognized import Written, column, labels, line, prose, texts

BODY, BOLD = 0.1, 0.14
"""Stroke weights, in heights of a line."""


def weighed(lines: list[Written], weight: float = BODY) -> list[Written]:
    return [{**written, "weight": weight} for written in lines]


def bold(text: str, y: float) -> Written:
    return {**line(text, 100, y), "weight": BOLD}


def test_a_bold_line_of_the_bodys_size_heads_the_text_under_it() -> None:
    page = [bold("Results", 100), *weighed(column(prose("a"), 100, 126))]
    assert labels(page) == [("section_header", "Results"), ("text", " ".join(prose("a")))]


def test_a_bold_line_with_nothing_under_it_is_text() -> None:
    page = [*weighed(column(prose("a"), 100, 126)), bold("A label", 600)]
    assert labels(page)[-1] == ("text", "A label")


def test_a_bold_sentence_is_no_heading() -> None:
    page = [bold("This is important.", 100), *weighed(column(prose("a"), 100, 160))]
    assert labels(page)[0] == ("text", "This is important.")


def test_a_bold_beginning_of_a_paragraph_stays_in_it() -> None:
    rows = prose("a", 3)
    page = [bold(rows[0], 100), *weighed(column(rows[1:], 100, 126))]
    assert labels(page) == [("text", " ".join(rows))]


def test_where_all_is_bold_nothing_is_a_heading_for_that() -> None:
    page = [bold("Results", 100), *weighed(column(prose("a"), 100, 160), BOLD)]
    assert {label for label, _ in labels(page)} == {"text"}


def test_a_numbered_section_name_is_a_heading_without_being_bold() -> None:
    page = [line("5.1 Results", 100, 100), *column(prose("a"), 100, 126)]
    assert labels(page) == [("section_header", "5.1 Results"), ("text", " ".join(prose("a")))]


def test_a_large_numbered_line_is_a_heading_and_no_list_item() -> None:
    page = [line("1. The Identity of Euler", 100, 40, scale=1.5), *column(prose("a"), 100, 100)]
    assert labels(page)[0] == ("section_header", "1. The Identity of Euler")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Figure 7-26. Nuts that lock themselves", "caption"),
        ("Table 1: Results", "caption"),
        ("TABLE II", "caption"),
        ("Fig. 3 Three cells", "caption"),
        ("Abbildung 0.1: Beispiele", "caption"),
        ("Figure 3 shows that it works", "text"),
        ("Tables are made of wood", "text"),
    ],
)
def test_captions_are_told_from_sentences_about_figures(text: str, label: str) -> None:
    assert labels([line(text, 100, 300), *column(prose("a"), 100, 400)])[0] == (label, text)


def test_the_lines_of_an_address_stay_apart() -> None:
    address = ["Marlow Street Library", "Attn. Ms Ines Halloran", "3 Marlow Street", "Limerick"]
    assert texts(column(address, 100)) == ["\n".join(address)]


def test_a_narrow_column_of_prose_is_no_address() -> None:
    rows = ["She moped. She sighed. She", "wandered around the house", "with the look of an injured"]
    assert texts(column(rows, 100)) == [" ".join(rows)]


def test_two_columns_with_a_figure_beside_one_are_read_one_after_the_other() -> None:
    """A scan of a magazine: the short first column is level with all three that stand to its right."""
    page = [*column(prose("a", 4), 50), *column(prose("b"), 430), *column(prose("c"), 810)]
    page.append(line("A heading that stands under two of these columns", 440, 400, scale=1.6))
    assert [text[:2] for text in texts(page)] == ["a0", "b0", "c0", "A "]
