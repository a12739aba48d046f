"""HTML tables as the models write them: unclosed, with unquoted attributes, cut off, or without their cell marks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.model.blocks import Table
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.vlm.html_tables import MAX_CELLS, parse_table
from ocr_mcp.parsing.vlm.pipe_tables import parse_pipe_table

Placed = tuple[int, int, int, int, str]


def table(html: str) -> Table:
    parsed, issues = parse_table(html)
    assert parsed is not None
    assert issues == ()
    return parsed


def placed(html: str) -> list[Placed]:
    """Return row, column, row span, column span and text of each cell."""
    return [(c.row, c.column, c.row_span, c.column_span, c.text) for c in table(html).cells]


def grid(html: str) -> list[list[str]]:
    parsed = table(html)
    rows = [[""] * parsed.column_count for _ in range(parsed.row_count)]
    for cell in parsed.cells:
        rows[cell.row][cell.column] = cell.text
    return rows


def test_rows_and_cells_become_a_grid() -> None:
    assert grid("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>") == [["a", "b"], ["c", "d"]]


def test_cells_move_aside_for_those_that_span_from_above() -> None:
    html = "<table><tr><td rowspan=2>a</td><td colspan='2'>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
    assert placed(html) == [(0, 0, 2, 1, "a"), (0, 1, 1, 2, "b"), (1, 1, 1, 1, "c"), (1, 2, 1, 1, "d")]


def test_spans_beyond_the_table_are_cut_to_it() -> None:
    """`pandas.read_html` expands colspan=5000."""
    html = "<table><tr><td colspan=5000 rowspan=99>a</td></tr><tr><td>b</td></tr></table>"
    assert table(html).model_dump()["row_count"] == 2
    assert placed("<table><tr><td colspan=5000>a</td></tr><tr><td>b</td><td>c</td></tr></table>")[0] == (
        0,
        0,
        1,
        2,
        "a",
    )


def test_a_span_that_would_lie_on_another_cell_ends_before_it() -> None:
    html = "<table><tr><td>a</td><td rowspan=2>b</td></tr><tr><td colspan=2>c</td></tr></table>"
    assert placed(html) == [(0, 0, 1, 1, "a"), (0, 1, 2, 1, "b"), (1, 0, 1, 1, "c")]


def test_header_cells_are_th_or_anything_under_thead() -> None:
    html = "<table><thead><tr><td>a</td></tr></thead><tbody><tr><th>b</th></tr><tr><td>c</td></tr></tbody></table>"
    assert [cell.is_header for cell in table(html).cells] == [True, True, False]


@pytest.mark.parametrize("html", ["<table><tr><td>a<td>b<tr><td>c<td>d", "<TABLE><TR><TD>a</TD><TD>b<TR><TD>c<TD>d"])
def test_tags_that_are_never_closed_are_closed_where_they_must_be(html: str) -> None:
    assert grid(html) == [["a", "b"], ["c", "d"]]


def test_markup_in_a_cell_becomes_text_with_its_line_breaks() -> None:
    html = "<table><tr><td>a <b>bold</b><br>&amp; <i>x</i><p>y</p></td></tr></table>"
    assert grid(html) == [["a bold\n& x\ny"]]


def test_subscripts_and_superscripts_stay_because_they_carry_meaning() -> None:
    assert grid("<table><tr><td>10<sup>2</sup> H<sub>2</sub>O</td></tr></table>") == [["10<sup>2</sup> H<sub>2</sub>O"]]


@pytest.mark.parametrize("text", ["p <0.05", "a<b", "x < y > z", "<5", "List<int>"])
def test_a_smaller_than_sign_is_no_tag(text: str) -> None:
    assert grid(f"<table><tr><td>{text}</td><td>n</td></tr></table>") == [[text, "n"]]


def test_a_table_inside_a_cell_is_that_cells_text() -> None:
    html = "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table></td></tr></table>"
    assert grid(html) == [["a\nb c"]]


def test_text_outside_of_the_cells_gets_a_cell_of_its_own() -> None:
    """Nothing that the model wrote is lost."""
    html = "<table><caption>T</caption>stray<tr>in row<td>a</td></tr></table>"
    assert grid(html) == [["T", ""], ["stray", ""], ["in row", "a"]]


@pytest.mark.parametrize(
    "html",
    ["<table>ItemQtyWidget12</table>", "<table><tr>ItemQty</tr></table>", "<table><th>a</th>12<th>b</th>3</table>"],
)
def test_a_table_without_its_cell_or_row_marks_is_fused(html: str) -> None:
    """Ollama 0.30 and later drops `<td>`, `</td>`, `<tr>` and `</tr>` from what DeepSeek-OCR writes."""
    parsed, issues = parse_table(html)
    assert parsed is None
    assert [issue.code for issue in issues] == [IssueCode.FUSED_TABLE]


def test_a_table_that_is_too_large_is_reported_and_not_built() -> None:
    rows = "<tr>" + "<td rowspan=1000 colspan=1000>a</td>" * 3 + "</tr>"
    parsed, issues = parse_table(f"<table>{rows * 1000}</table>")
    assert parsed is None
    assert [issue.code for issue in issues] == [IssueCode.BAD_TABLE]


def test_an_empty_table_is_reported() -> None:
    assert parse_table("<table></table>")[1][0].code is IssueCode.BAD_TABLE


SPANS = st.sampled_from(["", " rowspan=2", " colspan=3", " rowspan=0", " colspan='x'", " rowspan=9 colspan=9"])


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.lists(st.tuples(SPANS, st.sampled_from("abc")), max_size=4), min_size=1, max_size=5))
def test_cells_never_overlap_and_never_leave_the_grid(rows: list[list[tuple[str, str]]]) -> None:
    """The contract of `Table`."""
    written = "".join("<tr>" + "".join(f"<td{span}>{text}</td>" for span, text in row) + "</tr>" for row in rows)
    parsed, _ = parse_table(f"<table>{written}</table>")
    if parsed is None:
        return
    taken = [
        (r, c)
        for cell in parsed.cells
        for r in _range(cell.row, cell.row_span)
        for c in _range(cell.column, cell.column_span)
    ]
    assert len(taken) == len(set(taken)) <= MAX_CELLS
    assert all(r < parsed.row_count and c < parsed.column_count for r, c in taken)
    assert sorted(cell.text for cell in parsed.cells) == sorted(text for row in rows for _, text in row)


def _range(start: int, count: int) -> range:
    return range(start, start + count)


def test_pipe_tables_have_headers_above_the_line_of_dashes() -> None:
    parsed, _ = parse_pipe_table("| a | b |\n|---|:-:|\n| 1 | x \\| y |")
    assert parsed is not None
    assert [(c.row, c.column, c.text, c.is_header) for c in parsed.cells] == [
        (0, 0, "a", True),
        (0, 1, "b", True),
        (1, 0, "1", False),
        (1, 1, "x | y", False),
    ]


def test_pipe_rows_without_a_line_of_dashes_are_a_table_without_header() -> None:
    """PaddleOCR-VL and PP-Chart2Table write none."""
    parsed, _ = parse_pipe_table("a | b\n1 | 2")
    assert parsed is not None
    assert (parsed.row_count, parsed.column_count, any(c.is_header for c in parsed.cells)) == (2, 2, False)
