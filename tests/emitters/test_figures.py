"""Figures as CSV and Markdown."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.emitters.figures import figure_to_csv, figure_to_markdown
from ocr_mcp.model.charts import ChartRecord, Figure, FigureKind


def record(series: str, category: str, value: float | None, raw: str) -> ChartRecord:
    return ChartRecord(series=series, category=category, value=value, unit=None, raw=raw)


def test_records_are_tidy_rows_and_missing_values_are_empty() -> None:
    records = (record("A", "2019", 12.0, "12"), record("A, B", "2020", None, "-"), record("A", "2021", 0.1, "0.1"))
    assert figure_to_csv(Figure(kind=FigureKind.CHART, records=records, text="")) == (
        'series,category,value,unit,raw\nA,2019,12,,12\n"A, B",2020,,,-\nA,2021,0.1,,0.1\n'
    )


@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)
def test_what_the_chart_says_is_what_a_reader_of_csv_gets(text: str, value: float) -> None:
    """Also where a cell begins with `=`: the data stay true."""
    written = figure_to_csv(Figure(kind=FigureKind.CHART, records=(record(text, f"={text}", value, text),), text=""))
    row = list(csv.reader(io.StringIO(written)))[1]
    assert (row[0], row[1], row[4]) == (text, f"={text}", text)
    assert float(row[2]) == pytest.approx(value)


def test_the_table_of_a_chart_is_a_pipe_table() -> None:
    figure = Figure(kind=FigureKind.CHART, rows=(("Year", "A"), ("2019", "12")), text="")
    assert figure_to_markdown(figure) == "| Year | A |\n| --- | --- |\n| 2019 | 12 |"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FigureKind.GEOMETRY, "```python\nCCO\n```"),
        (FigureKind.MOLECULE, "```smiles\nCCO\n```"),
        (FigureKind.DESCRIPTION, "CCO"),
        (FigureKind.CHART, "CCO"),
    ],
)
def test_other_figures_are_their_text(kind: FigureKind, expected: str) -> None:
    assert figure_to_markdown(Figure(kind=kind, text="CCO")) == expected
