"""Texts are compared as OmniDocBench v1.5 compares them (`utils/data_preprocess.py`)."""

import pytest

from ocr_mcp.evaluation.cleaning import clean_formula, clean_text, show_inline_formulas


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("The (quick) [brown] {fox} jumps!", "Thequickbrownfoxjumps"),
        ("$43,456.78 <lazy> #90", "4345678lazy90"),
        ("强烈推荐（维持）", "强烈推荐维持"),
        ("snake_case stays", "snake_casestays"),
        ("## **Bold** heading", "Boldheading"),
        ("— … • ·", ""),
        ("naïve Ünïcode", "naïveÜnïcode"),
    ],
)
def test_only_letters_digits_and_underscores_are_compared(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_an_inline_formula_is_compared_as_the_characters_it_shows() -> None:
    assert clean_text(r"where $\alpha_1 \leq \beta$ holds") == "whereα_1βholds"
    assert clean_text(r"where \(\alpha_1 \leq \beta\) holds") == "whereα_1βholds"


def test_dollars_around_plain_characters_are_no_formula() -> None:
    assert show_inline_formulas("it costs $5 or 6$ today") == "it costs $5 or 6$ today"


def test_broken_latex_is_taken_as_far_as_it_goes_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert clean_text(r"before $\alpha_{1 \begin{x$ after").startswith("before")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("latex", "cleaned"),
    [
        (r"$$ \mathbf{x} + \mathrm{Y} $$", "{x}+{y}"),
        (r"\[ a \tag{14} \]", "a"),
        (r"\left( x \right)", "(x)"),
        (r"\begin{aligned} x &= 1 \end{aligned}", "x&=1"),
    ],
)
def test_formulas_are_compared_without_fonts_spaces_and_numbers(latex: str, cleaned: str) -> None:
    assert clean_formula(latex) == cleaned
