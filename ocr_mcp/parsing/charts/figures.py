"""Recognises the kind of a figure by the form of the model's answer to the prompt for figures.

The default model writes an HTML table for a chart, a Python dict literal for plane geometry, SMILES for a molecule and
prose for a photo. Other models write charts as `|` rows (PaddleOCR-VL), CSV (Granite Vision) or a dict (OneChart).
Literals are read with `ast.literal_eval`, never with `eval`: the answer is made from a stranger's document.
"""

import ast
import csv
import re
from collections.abc import Callable
from typing import cast

from ocr_mcp.families.base import AnswerSyntax
from ocr_mcp.model.charts import ChartRecord, Figure, FigureKind
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.charts.numbers import read_quantity
from ocr_mcp.parsing.charts.records import chart_records, expand_rows, header_depth
from ocr_mcp.parsing.parsed import EMPTY, Issues, issue
from ocr_mcp.parsing.vlm.html_tables import parse_table
from ocr_mcp.parsing.vlm.light_markdown import strip_fence
from ocr_mcp.parsing.vlm.pipe_tables import is_separator, split_row
from ocr_mcp.parsing.vlm.tags import tag_patterns

MAX_LITERAL_CHARACTERS = 50_000
"""Length above which a dict literal is not parsed: no real answer is that long, and parsing costs memory."""

CUT = issue(IssueCode.TRUNCATED, "The table breaks off; its half-written last cell was dropped.")
CUT_LITERAL = issue(IssueCode.TRUNCATED, "The description of the figure's geometry breaks off.")

_GEOMETRY_START = re.compile(r"\{\s*['\"](?:Line|Circle|Polygon|Point|Arc|Angle)", re.IGNORECASE)
_SMILES_SYMBOLS = re.compile(r"(?:Cl|Br|[BCNOPSFIbcnops]|\[[A-Za-z0-9@+\-:*]{1,24}\]|[-=#$:/\\.~]|\d|%\d\d|[()])+")

_FigureAndIssues = tuple[Figure, Issues]


def parse_figure(text: str, syntax: AnswerSyntax, *, cut: bool = False) -> _FigureAndIssues:
    """Parse the answer to a figure prompt into a `Figure`, with an issue for everything that was lost.

    `cut` says that the answer was stopped before its end, so that its last cell may be half a number. The forms are
    tried from the most to the least certain; an answer of no known form is a description.
    """
    bare = tag_patterns(syntax.tags, syntax.end_token).tag.sub("", text)
    text = strip_fence(bare.strip()).strip()
    if not text:
        return Figure(kind=FigureKind.DESCRIPTION, text=""), (EMPTY,)
    readers: tuple[Callable[[str, bool], _FigureAndIssues | None], ...] = (
        _parse_html_table,
        _parse_pipe_rows,
        _parse_csv,
    )
    found = (_parse_literal(text), *(reader(text, cut) for reader in readers), _parse_molecule(text))
    description = (Figure(kind=FigureKind.DESCRIPTION, text=text), ())
    return next((figure for figure in found if figure is not None), description)


def _parse_html_table(text: str, cut: bool) -> _FigureAndIssues | None:
    start = re.search(r"<table\b|<t[rdh]\b", text, re.IGNORECASE)
    if start is None:
        return None
    source, dropped = _drop_half_cell(text[start.start() :], cut)
    table, issues = parse_table(source)
    if table is None:
        return Figure(kind=FigureKind.CHART, text=text), issues
    rows = expand_rows(table)
    figure = Figure(kind=FigureKind.CHART, rows=rows, records=chart_records(rows, depth=header_depth(table)), text=text)
    return figure, (*issues, *((CUT,) if dropped else ()))


def _drop_half_cell(html: str, cut: bool) -> tuple[str, bool]:
    """Return the table without a half-written last cell, and whether there was one.

    The last cell is taken for half when neither it nor the table is closed. A model that closes no cell at all is
    believed to have finished, unless the answer was cut.
    """
    if re.search(r"</table", html, re.IGNORECASE):
        return html, False
    last = max((match.start() for match in re.finditer(r"<t[dh]\b", html, re.IGNORECASE)), default=-1)
    closed = re.search(r"</t[dhr]\s*>", html[max(last, 0) :], re.IGNORECASE)
    closes_cells = re.search(r"</t[dh]\s*>", html, re.IGNORECASE)
    if last < 0 or closed or not (closes_cells or cut):
        return html, False
    return html[:last], True


def _parse_literal(text: str) -> _FigureAndIssues | None:
    """Parse a Python dict: OneChart's dict of values becomes a chart, any other geometry that keeps its text."""
    if not text.startswith("{"):
        return None
    value = _evaluate_literal(text)
    if isinstance(value, dict):
        chart = _parse_one_chart(cast("dict[object, object]", value), text)
        return chart or (Figure(kind=FigureKind.GEOMETRY, text=text), ())
    if _GEOMETRY_START.match(text):
        return Figure(kind=FigureKind.GEOMETRY, text=text), (CUT_LITERAL,)
    return None


def _evaluate_literal(text: str) -> object:
    if len(text) > MAX_LITERAL_CHARACTERS:
        return None
    try:
        return cast("object", ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _parse_one_chart(value: dict[object, object], text: str) -> _FigureAndIssues | None:
    """Parse OneChart's dict with the keys `title`, `source`, `x_title`, `y_title` and `values`.

    `values` is `{category: value}`, whose series is `y_title`, or `{series: {category: value}}`. Return None for a dict
    without it.
    """
    values = value.get("values")
    if not isinstance(values, dict):
        return None
    rows: list[tuple[str, ...]] = [("series", "category", "value")]
    for key, item in cast("dict[object, object]", values).items():
        inner = cast("dict[object, object]", item) if isinstance(item, dict) else {key: item}
        series = str(key) if isinstance(item, dict) else str(value.get("y_title") or "")
        rows += [(series, str(category), str(number)) for category, number in inner.items()]
    return Figure(kind=FigureKind.CHART, rows=tuple(rows), records=_one_chart_records(rows[1:]), text=text), ()


def _one_chart_records(rows: list[tuple[str, ...]]) -> tuple[ChartRecord, ...]:
    read = [(row, read_quantity(row[2])) for row in rows]
    return tuple(ChartRecord(series=r[0], category=r[1], value=q.value, unit=q.unit, raw=r[2]) for r, q in read)


def _parse_pipe_rows(text: str, cut: bool) -> _FigureAndIssues | None:
    lines = [line for line in text.splitlines() if line.strip()]
    barred = [line for line in lines if "|" in line]
    if len(barred) < 2 or len(barred) * 2 <= len(lines):
        return None
    rows = [tuple(split_row(line)) for line in barred if not is_separator(line)]
    # Where most lines end with a bar, a last line without one is half; where they do not, only `cut` can tell.
    edged = sum(line.rstrip().endswith("|") for line in barred[:-1]) * 2 > len(barred) - 1
    ends_open = edged and not barred[-1].rstrip().endswith("|")
    return _chart_figure(rows, text, cut=ends_open or (cut and not edged))


def _parse_csv(text: str, cut: bool) -> _FigureAndIssues | None:
    """Parse CSV if every line has the same number of fields and half of the values are numbers: prose has commas too.

    The last line of a cut answer may have fewer fields.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        rows = [tuple(cell.strip() for cell in row) for row in csv.reader(lines)]
    except csv.Error:
        return None
    if len(rows) < 2 or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows[: -1 if cut else None]):
        return None
    values = [cell for row in rows[1:] for cell in row[1:]]
    numeric = sum(read_quantity(cell).value is not None for cell in values)
    return _chart_figure(rows, text, cut=cut) if numeric * 2 >= len(values) > 0 else None


def _chart_figure(rows: list[tuple[str, ...]], text: str, *, cut: bool) -> _FigureAndIssues | None:
    if cut and rows:
        rows[-1] = rows[-1][:-1]
        rows = [row for row in rows if row]
    figure = Figure(kind=FigureKind.CHART, rows=tuple(rows), records=chart_records(rows), text=text)
    return figure, (CUT,) if cut else ()


def _parse_molecule(text: str) -> _FigureAndIssues | None:
    """Parse SMILES: a single word of atoms, bonds and ring numbers."""
    word = re.sub(r"(?i)^smiles\s*[:=]\s*|</?smiles>|`", "", text).strip()
    if not _is_smiles(word):
        return None
    return Figure(kind=FigureKind.MOLECULE, text=word), ()


def _is_smiles(word: str) -> bool:
    """Tell SMILES from ordinary words that happen to be spelled with symbols of atoms, such as `Icon`.

    Aromatic (lower-case) atoms need a ring number. Half of the atoms must be carbon unless one is written in brackets.
    """
    if len(word) < 2 or _SMILES_SYMBOLS.fullmatch(word) is None or word.count("(") != word.count(")"):
        return False
    outside = re.sub(r"\[[^\]]*\]", "", word)
    aromatic = re.search(r"[bcnops]", outside.replace("Br", "").replace("Cl", ""))
    atoms = re.findall(r"Cl|Br|[BCNOPSFIbcnops]", outside)
    if aromatic and not re.search(r"\d", outside):
        return False
    carbons = sum(atom in "cC" for atom in atoms)
    return "[" in word or carbons * 2 >= len(atoms) > 0
