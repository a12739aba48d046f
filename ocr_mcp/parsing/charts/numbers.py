"""Reads numbers as charts print them, with signs, currencies, units and magnitudes such as `bn` or `万`.

The decimal mark is decided once for each chart, from all its numbers: `1,234` is 1.234 beside `0,5` and 1234 beside
`0.5`. A number that stays ambiguous keeps its other reading as an alternative. A missing value is None, never 0.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class DecimalMark(StrEnum):
    """The character that separates the whole part of a number from its fraction."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True)
class Quantity:
    """A number with its unit.

    `value` is None for a missing value and for text that is not a number. Magnitudes (K, M, B, 万, 亿) are multiplied
    into it; percent is not: `12 %` is 12 with the unit "%". `unit` is None where none is printed. `alternatives` holds
    the value under the other decimal mark, where nothing decides between the two.
    """

    value: float | None
    unit: str | None = None
    alternatives: tuple[float, ...] = ()


MISSING = frozenset(
    {"", "-", "–", "—", "−", "--", "n/a", "na", "n.a.", "nan", "null", "none", "…", "...", "..", "/", "×"}
)
"""Texts of a cell, in lower case, that say that there is no value."""

_MAGNITUDES = {
    "k": 1e3,
    "thousand": 1e3,
    "千": 1e3,
    "万": 1e4,
    "萬": 1e4,
    "M": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "mio.": 1e6,
    "million": 1e6,
    "百万": 1e6,
    "亿": 1e8,
    "億": 1e8,
    "b": 1e9,
    "bn": 1e9,
    "mrd": 1e9,
    "mrd.": 1e9,
    "billion": 1e9,
    "T": 1e12,
    "tn": 1e12,
    "trillion": 1e12,
    "万亿": 1e12,
}
_CURRENCIES = r"(?:US\$|[$€£¥₹₩₽₺]|USD|EUR|GBP|RMB|CNY|JPY|CHF)"
_GROUP_SPACE = re.compile(r"(?<=\d)[\s\u00a0\u2007\u2009\u202f'’](?=\d{3}(?!\d))")
_FOOTNOTE_MARKS = re.compile(r"<sup>.*?</sup>|[*†‡§¶]|^\s*[~≈∼]\s*")
_DIGITS = r"\d[\d.,]*(?:[eE][+-]?\d{1,3})?|[.,]\d+"
_QUANTITY = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<before>{_CURRENCIES})?\s*(?P<sign2>[+-]?)\s*(?P<digits>{_DIGITS})\s*"
    rf"(?P<magnitude>[A-Za-z.]+|[千万萬百亿億]+)?\s*(?P<after>.{{0,24}})"
)
_NOT_A_UNIT = re.compile(r"[-–/\d]|\s{2}")


def read_quantity(raw: str, mark: DecimalMark | None = None) -> Quantity:
    """Read the number in a cell.

    `mark` is the decimal mark of the whole chart, None where it could not be decided. A mark that the number itself
    proves wins over it: `1,23` is 1.23 in any chart.
    """
    text = _normalise(raw)
    if text.lower() in MISSING:
        return Quantity(None)
    negative, text = _strip_parentheses(text)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return Quantity(None)
    factor, unit = _factor_and_unit(match["magnitude"] or "", match["after"], match["before"])
    if unit is not None and _NOT_A_UNIT.search(unit):
        return Quantity(None)
    sign = -1.0 if negative or "-" in match["sign"] + match["sign2"] else 1.0
    readings = [value * sign * factor for value in _readings(match["digits"], mark)]
    return Quantity(readings[0], unit, tuple(readings[1:])) if readings else Quantity(None)


def decimal_mark(raws: Iterable[str]) -> DecimalMark | None:
    """Return the decimal mark that the numbers of a chart agree on; None if none of them shows it or they disagree."""
    evidence = {found for raw in raws for found in map(_proven_mark, re.findall(_DIGITS, _normalise(raw))) if found}
    return evidence.pop() if len(evidence) == 1 else None


def is_missing(raw: str) -> bool:
    """Return True for a cell that says that there is no value."""
    return _normalise(raw).lower() in MISSING


def _normalise(raw: str) -> str:
    """Remove footnote marks and spaces between groups of three digits, and spell signs in ASCII."""
    text = _FOOTNOTE_MARKS.sub("", raw).replace("\u2212", "-").replace("﹣", "-").replace("-", "-").replace("％", "%")
    return _GROUP_SPACE.sub("", text.strip()).strip()


def _strip_parentheses(text: str) -> tuple[bool, str]:
    """Return True and the text inside, if the text is in parentheses: accountants write -5 as (5)."""
    match = re.fullmatch(r"\(([^()]*)\)\s*(%?)", text)
    return (True, (match[1] + match[2]).strip()) if match else (False, text)


def _factor_and_unit(word: str, after: str, currency: str | None) -> tuple[float, str | None]:
    """Split the text after a number into a factor (1 without a magnitude) and a unit.

    A single letter counts only in the case in which it is a magnitude: `7 m` are metres, `7 M` are millions.
    """
    key = word if word in _MAGNITUDES else word.lower() if len(word) > 1 or word in "KkBb" else ""
    factor = _MAGNITUDES.get(key) if key else None
    rest = after.strip() if factor is not None else f"{word} {after}".strip() if after else word
    unit = " ".join(part for part in (currency, rest) if part)
    return factor or 1.0, unit or None


def _readings(digits: str, mark: DecimalMark | None) -> list[float]:
    """Return the value, and its value under the other decimal mark where nothing decides between the two."""
    sure = _proven_mark(digits)
    if sure is not None or mark is not None or not re.search(r"[.,]", digits):
        return _values(digits, [sure or mark or DecimalMark.POINT])
    return _values(digits, [DecimalMark.POINT, DecimalMark.COMMA])


def _values(digits: str, marks: list[DecimalMark]) -> list[float]:
    values: list[float] = []
    for mark in marks:
        group = "," if mark is DecimalMark.POINT else "."
        try:
            values.append(float(digits.replace(group, "").replace(mark.value, ".")))
        except ValueError:
            continue  # `1,2.3.4` is no number under any mark
    return values


def _proven_mark(digits: str) -> DecimalMark | None:
    """Return the decimal mark that a number proves by itself: `1,23`, `0,123` and `1.234,5` do, `1,234` does not."""
    number = re.split(r"[eE]", digits)[0].rstrip(".,")
    marks = re.findall(r"[.,]", number)
    if not marks:
        return None
    last = DecimalMark(marks[-1])
    other = DecimalMark.COMMA if last is DecimalMark.POINT else DecimalMark.POINT
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return other  # only the mark between groups of three digits can come twice
    whole, fraction = re.split(r"[.,]", number)
    grouped = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return None if grouped else last
