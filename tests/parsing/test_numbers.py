"""Numbers as charts print them: signs, currencies, magnitudes, decimal marks and missing values."""

import pytest

from ocr_mcp.parsing.charts.numbers import DecimalMark, Quantity, decimal_mark, read_quantity


@pytest.mark.parametrize(
    ("raw", "value", "unit"),
    [
        ("12", 12, None),
        ("-3.5", -3.5, None),
        ("\u22123.5", -3.5, None),
        ("+7", 7, None),
        ("12%", 12, "%"),
        ("12 %", 12, "%"),
        ("12.5\uff05", 12.5, "%"),
        ("$1,200.50", 1200.5, "$"),
        ("-$5", -5, "$"),
        ("€ 12", 12, "€"),
        ("12 €", 12, "€"),
        ("USD 3.2", 3.2, "USD"),
        ("1 234 567", 1234567, None),
        ("1\u2009234,5", 1234.5, None),
        ("1\u202f234", 1234, None),
        ("1'234.5", 1234.5, None),
        ("12K", 12_000, None),
        ("1.5M", 1_500_000, None),
        ("$3.2B", 3.2e9, "$"),
        ("5 bn", 5e9, None),
        ("2 million", 2e6, None),
        ("3万", 30_000, None),
        ("1.2亿", 120_000_000, None),
        ("12*", 12, None),
        ("12<sup>a</sup>", 12, None),
        ("12†", 12, None),
        ("(5.5)", -5.5, None),
        ("(12%)", -12, "%"),
        ("~40", 40, None),
        (".5", 0.5, None),
        ("2.", 2, None),
        ("1e3", 1000, None),
        ("7 kg", 7, "kg"),
        ("7 m", 7, "m"),
    ],
)
def test_a_number_is_read_as_it_is_printed(raw: str, value: float, unit: str | None) -> None:
    assert read_quantity(raw, DecimalMark.POINT if "," not in raw else None) == Quantity(value, unit)


@pytest.mark.parametrize("raw", ["", " ", "-", "–", "—", "n/a", "N/A", "NA", "...", "null"])
def test_missing_is_none_and_never_zero(raw: str) -> None:
    assert read_quantity(raw) == Quantity(None)


@pytest.mark.parametrize("raw", ["Germany", "2020-2021", "10 – 20", "<5", "12 of 30", "3/4", "a1", "v2"])
def test_what_is_no_single_number_has_no_value(raw: str) -> None:
    assert read_quantity(raw).value is None


@pytest.mark.parametrize(
    ("raws", "mark"),
    [
        (["1,234", "0.5"], DecimalMark.POINT),
        (["1.234", "0,5"], DecimalMark.COMMA),
        (["2,08"], DecimalMark.COMMA),
        (["1.234,56"], DecimalMark.COMMA),
        (["1,234.56"], DecimalMark.POINT),
        (["1,234,567"], DecimalMark.POINT),
        (["1.234.567"], DecimalMark.COMMA),
        (["0,123"], DecimalMark.COMMA),
        (["1,234", "5.678"], None),
        (["1,5", "2.5"], None),
        (["12", "a"], None),
    ],
)
def test_the_decimal_mark_is_decided_once_from_all_numbers(raws: list[str], mark: DecimalMark | None) -> None:
    """`pandas.read_html` read "2,08" as 208."""
    assert decimal_mark(raws) is mark


def test_an_undecided_mark_keeps_the_other_reading() -> None:
    assert read_quantity("1,234") == Quantity(1234, None, (1.234,))
    assert read_quantity("1.234") == Quantity(1.234, None, (1234,))


def test_a_decided_mark_leaves_one_reading() -> None:
    assert read_quantity("1,234", DecimalMark.COMMA) == Quantity(1.234)
    assert read_quantity("1,234", DecimalMark.POINT) == Quantity(1234)


def test_a_number_that_speaks_for_itself_is_read_against_the_charts_mark() -> None:
    assert read_quantity("2,08", DecimalMark.POINT) == Quantity(2.08)
