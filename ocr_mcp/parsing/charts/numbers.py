"""Numbers as charts print them.

A separator is decided once for each chart, from all its numbers: `1,234` beside `0,5` is 1.234, beside `0.5` is 1234.
What stays undecided keeps its other reading as an alternative. Missing is None, never 0 (`charts.md`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class DecimalMark(StrEnum):
    """The character before the fraction."""

    POINT = "."
    COMMA = ","


@dataclass(frozen=True)
class Quantity:
    """`value` is None for missing or no number; K, M, B, 万, 亿 are multiplied in, `%` is not: 12 % is 12 with "%"."""

    value: float | None
    unit: str | None = None
    alternatives: tuple[float, ...] = ()


MISSING = frozenset(
    {"", "-", "–", "—", "−", "--", "n/a", "na", "n.a.", "nan", "null", "none", "…", "...", "..", "/", "×"}
)

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
_CURRENCY = r"(?:US\$|[$€£¥₹₩₽₺]|USD|EUR|GBP|RMB|CNY|JPY|CHF)"
_GROUP_SPACE = re.compile(r"(?<=\d)[\s\u00a0\u2007\u2009\u202f'’](?=\d{3}(?!\d))")
_MARKS = re.compile(r"<sup>.*?</sup>|[*†‡§¶]|^\s*[~≈∼]\s*")
_DIGITS = r"\d[\d.,]*(?:[eE][+-]?\d{1,3})?|[.,]\d+"
_QUANTITY = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<before>{_CURRENCY})?\s*(?P<sign2>[+-]?)\s*(?P<digits>{_DIGITS})\s*"
    rf"(?P<magnitude>[A-Za-z.]+|[千万萬百亿億]+)?\s*(?P<after>.{{0,24}})"
)
_NO_UNIT = re.compile(r"[-–/\d]|\s{2}")


def read_quantity(raw: str, mark: DecimalMark | None = None) -> Quantity:
    """The number in a cell. `mark` is the chart's decimal mark, None if it could not be decided."""
    text = _plain(raw)
    if text.lower() in MISSING:
        return Quantity(None)
    negative, text = _without_parentheses(text)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return Quantity(None)
    factor, unit = _factor_and_unit(match["magnitude"] or "", match["after"], match["before"])
    if unit is not None and _NO_UNIT.search(unit):
        return Quantity(None)
    sign = -1.0 if negative or "-" in match["sign"] + match["sign2"] else 1.0
    readings = [value * sign * factor for value in _readings(match["digits"], mark)]
    return Quantity(readings[0], unit, tuple(readings[1:])) if readings else Quantity(None)


def decimal_mark(raws: Iterable[str]) -> DecimalMark | None:
    """The mark that all telling numbers of a chart agree on; None if there are none, or they disagree."""
    evidence = {found for raw in raws for found in map(_evidence, re.findall(_DIGITS, _plain(raw))) if found}
    return evidence.pop() if len(evidence) == 1 else None


def is_missing(raw: str) -> bool:
    """Whether a cell says that there is no value."""
    return _plain(raw).lower() in MISSING


def _plain(raw: str) -> str:
    text = _MARKS.sub("", raw).replace("\u2212", "-").replace("﹣", "-").replace("-", "-").replace("％", "%")
    return _GROUP_SPACE.sub("", text.strip()).strip()


def _without_parentheses(text: str) -> tuple[bool, str]:
    """Accountants write -5 as (5)."""
    match = re.fullmatch(r"\(([^()]*)\)\s*(%?)", text)
    return (True, (match[1] + match[2]).strip()) if match else (False, text)


def _factor_and_unit(word: str, after: str, currency: str | None) -> tuple[float, str | None]:
    key = word if word in _MAGNITUDES else word.lower() if len(word) > 1 or word in "KkBb" else ""
    factor = _MAGNITUDES.get(key) if key else None
    rest = after.strip() if factor is not None else f"{word} {after}".strip() if after else word
    unit = " ".join(part for part in (currency, rest) if part)
    return factor or 1.0, unit or None


def _readings(digits: str, mark: DecimalMark | None) -> list[float]:
    """The value, and the other reading where nothing decides."""
    sure = _evidence(digits)
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
            continue
    return values


def _evidence(digits: str) -> DecimalMark | None:
    """What one number says about the decimal mark: `1,234` says nothing, `1,23` and `1.234,5` and `0,123` do."""
    number = re.split(r"[eE]", digits)[0].rstrip(".,")
    marks = re.findall(r"[.,]", number)
    if not marks:
        return None
    last = DecimalMark(marks[-1])
    other = DecimalMark.COMMA if last is DecimalMark.POINT else DecimalMark.POINT
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return other
    whole, fraction = re.split(r"[.,]", number)
    grouped = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return None if grouped else last
