"""Answers to `Parse the figure.` in the forms that DeepSeek-OCR and other models write (docs/engines.md, "Sources")."""

from pathlib import Path

import pytest

from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.charts import ChartRecord, FigureKind
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.charts.figures import MAX_LITERAL_CHARACTERS, parse_figure

SYNTAX = DEEPSEEK_OCR.syntax
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "charts"


def html(*rows: list[str]) -> str:
    return "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows) + "</table>"


def values(text: str) -> list[tuple[str, str, float | None, str | None]]:
    return [(r.series, r.category, r.value, r.unit) for r in parse_figure(text, SYNTAX)[0].records]


def codes(text: str, *, cut: bool = False) -> list[IssueCode]:
    return [issue.code for issue in parse_figure(text, SYNTAX, cut=cut)[1]]


def test_the_first_row_names_the_series_and_the_first_column_the_categories() -> None:
    answer = html(["Year", "North", "South"], ["2019", "12%", "-"], ["2020", "1,234.5", "7"])
    figure, issues = parse_figure(answer, SYNTAX)
    assert figure.records == (
        ChartRecord(series="North", category="2019", value=12, unit="%", raw="12%"),
        ChartRecord(series="South", category="2019", value=None, unit=None, raw="-"),
        ChartRecord(series="North", category="2020", value=1234.5, unit=None, raw="1,234.5"),
        ChartRecord(series="South", category="2020", value=7, unit=None, raw="7"),
    )
    assert (figure.kind, figure.rows[0], figure.text, issues) == (
        FigureKind.CHART,
        ("Year", "North", "South"),
        answer,
        (),
    )


@pytest.mark.parametrize(
    "answer",
    [
        "Year | North\n2019 | 12\n2020 | 7",
        "| Year | North |\n|---|---|\n| 2019 | 12 |\n| 2020 | 7 |",
        "Year,North\n2019,12\n2020,7",
        "```\nYear,North\n2019,12\n2020,7\n```",
        "<table><tr><td>Year<td>North<tr><td>2019<td>12<tr><td>2020<td>7",
    ],
    ids=["pipes", "Markdown", "csv", "fenced", "unclosed"],
)
def test_other_models_tables_give_the_same_records(answer: str) -> None:
    assert values(answer) == [("North", "2019", 12, None), ("North", "2020", 7, None)]
    assert codes(answer) == []


def test_years_along_the_top_are_series_not_values() -> None:
    assert values(html(["Germany", "2019", "2020"], ["Cars", "5", "6"]))[0] == ("2019", "Cars", 5, None)


def test_a_table_that_begins_with_values_has_no_header() -> None:
    assert values(html(["Apples", "12"], ["Pears", "5"])) == [("", "Apples", 12, None), ("", "Pears", 5, None)]


def test_a_header_of_two_rows_is_joined() -> None:
    answer = (
        "<table><tr><td rowspan=2>Age</td><td colspan=2>Men</td></tr><tr><td>2019</td><td>2020</td></tr>"
        "<tr><td>20</td><td>1</td><td>2</td></tr></table>"
    )
    assert values(answer) == [("Men / 2019", "20", 1, None), ("Men / 2020", "20", 2, None)]


def test_leading_columns_of_names_make_the_category_together() -> None:
    answer = html(["Region", "City", "Sales"], ["North", "Kiel", "4"], ["South", "Ulm", "5"])
    assert values(answer) == [("Sales", "North / Kiel", 4, None), ("Sales", "South / Ulm", 5, None)]


def test_a_single_column_is_values_without_categories() -> None:
    assert values(html(["Sales"], ["4"], ["5"])) == [("Sales", "", 4, None), ("Sales", "", 5, None)]


@pytest.mark.parametrize(("header", "unit"), [("Sales ($M)", "$M"), ("Share (%)", "%"), ("Model (large)", None)])
def test_a_unit_in_the_header_is_every_values_unit(header: str, unit: str | None) -> None:
    assert values(html(["", header], ["a", "5"]))[0][3] == unit


def test_na_may_be_a_country() -> None:
    """`pandas.read_html` read Namibia as missing."""
    assert values(html(["", "GDP"], ["NA", "5"])) == [("GDP", "NA", 5, None)]


def test_a_fused_table_is_a_chart_without_values_and_keeps_its_text() -> None:
    answer = "<table>YearNorth201912</table>"
    figure, _ = parse_figure(answer, SYNTAX)
    assert (figure.kind, figure.records, figure.rows, figure.text) == (FigureKind.CHART, (), (), answer)
    assert codes(answer) == [IssueCode.FUSED_TABLE]


@pytest.mark.parametrize(
    "answer",
    [
        "<table><tr><td>Year</td><td>North</td></tr><tr><td>2019</td><td>12</td></tr><tr><td>2020</td><td>1",
        "| Year | North |\n|---|---|\n| 2019 | 12 |\n| 2020 | 1",
    ],
)
def test_the_half_written_last_cell_of_a_cut_table_is_dropped_and_said_so(answer: str) -> None:
    assert values(answer) == [("North", "2019", 12, None)]
    assert codes(answer) == [IssueCode.TRUNCATED]


def test_a_cut_that_leaves_no_trace_is_known_from_the_stop_reason() -> None:
    answer = "Year,North\n2019,12\n2020,1"
    assert codes(answer, cut=True) == [IssueCode.TRUNCATED]
    assert [r.category for r in parse_figure(answer, SYNTAX, cut=True)[0].records] == ["2019"]


def test_geometry_keeps_its_text() -> None:
    answer = "{'Line': {'line': ['(0, 0) -- (1, 1)'], 'line_type': ['--'], 'line_endpoint': ['A: (0, 0)']}}"
    figure, issues = parse_figure(answer, SYNTAX)
    assert (figure.kind, figure.text, issues) == (FigureKind.GEOMETRY, answer, ())


@pytest.mark.parametrize("tail", ["['(0, 0) --", "[" * (MAX_LITERAL_CHARACTERS + 1), "[__import__('os').abort()]}}"])
def test_geometry_that_cannot_be_read_is_kept_and_never_run(tail: str) -> None:
    figure, issues = parse_figure("{'Line': {'line': " + tail, SYNTAX)
    assert (figure.kind, [issue.code for issue in issues]) == (FigureKind.GEOMETRY, [IssueCode.TRUNCATED])


def test_onecharts_dict_of_values_is_a_chart() -> None:
    answer = "{'title': 'T', 'x_title': 'Year', 'y_title': 'Sales', 'values': {'2019': 12, '2020': '7%'}}"
    assert values(answer) == [("Sales", "2019", 12, None), ("Sales", "2020", 7, "%")]


@pytest.mark.parametrize("answer", ["CC(=O)Oc1ccccc1C(=O)O", "CCO", "[Na+].[Cl-]", "SMILES: c1ccccc1"])
def test_a_word_of_atoms_is_a_molecule(answer: str) -> None:
    figure, issues = parse_figure(answer, SYNTAX)
    assert (figure.kind, figure.text, issues) == (FigureKind.MOLECULE, answer.removeprefix("SMILES: "), ())


@pytest.mark.parametrize(
    "answer", ["A dog, a cat, and a bird.\nThey sit, stand, fly.", "Chart", "NO", "Icons", "Spoons"]
)
def test_prose_is_a_description(answer: str) -> None:
    figure, issues = parse_figure(answer, SYNTAX)
    assert (figure.kind, figure.text, issues) == (FigureKind.DESCRIPTION, answer, ())


def test_nothing_is_an_empty_answer() -> None:
    assert codes(" \n") == [IssueCode.EMPTY_ANSWER]


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data/charts, which is not part of the repository")
def test_every_molecule_of_the_shared_set_is_one() -> None:
    lines = (SHARED / "chem" / "smiles.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert {parse_figure(line.split("\t")[1], SYNTAX)[0].kind for line in lines} == {FigureKind.MOLECULE}
