"""Tables that ruling lines frame, as the embedded engine finds both."""

import json
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.model.blocks import BlockLabel, Table
from ocr_mcp.model.geometry import Size
from ocr_mcp.parsing.layout.recognized import parse_recognized
from ocr_mcp.parsing.parsed import ParsedAnswer
from tests.parsing.pages import page_image
from tests.parsing.test_recognized import CHARACTER, LEADING, Written, column, line, prose

PAGE = page_image(Size(width=1000, height=2000))

Rule = list[float]


def flat(y: float, left: float = 100, right: float = 900) -> Rule:
    return [left, y, right, y + 2]


def upright(x: float, top: float, bottom: float) -> Rule:
    return [x, top, x + 2, bottom]


def parse(lines: Sequence[Written], rules: Sequence[object]) -> ParsedAnswer:
    return parse_recognized(json.dumps({"lines": list(lines), "rules": list(rules)}), PAGE)


def tables(lines: Sequence[Written], rules: Sequence[Rule]) -> list[Table]:
    return [block.table for block in parse(lines, rules).blocks if block.table is not None]


def rows(table: Table) -> list[list[str]]:
    """The texts of the cells of each row; a cell that spans is marked with its size."""
    read: list[list[str]] = [[] for _ in range(table.row_count)]
    for cell in table.cells:
        spans = f" {cell.row_span}x{cell.column_span}" if cell.row_span * cell.column_span > 1 else ""
        read[cell.row].append(cell.text + spans)
    return read


def cells(y: float, *texts: str) -> list[Written]:
    return [line(text, 110 + 200 * index, y) for index, text in enumerate(texts) if text]


def test_two_rows_between_rules_are_a_table() -> None:
    page = [*cells(110, "Name", "Age", "Town"), *cells(150, "Ann", "39", "Cork")]
    (table,) = tables(page, [flat(100), flat(140), flat(180)])
    assert rows(table) == [["Name", "Age", "Town"], ["Ann", "39", "Cork"]]


def test_a_header_spans_the_columns_of_the_rule_under_it() -> None:
    page = [
        *cells(110, "", "Women", "", "All"),
        *cells(150, "", "young", "old"),
        *cells(190, "Cork", "1", "2", "3"),
        *cells(230, "Clare", "4", "5", "6"),
    ]
    (table,) = tables(page, [flat(100), flat(140, 300, 620), flat(180), flat(260)])
    assert rows(table)[:2] == [["", "Women 1x2", "All"], ["", "young", "old", ""]]


def test_a_header_in_the_middle_of_free_columns_spans_them() -> None:
    page = [
        line("Women", 410, 110),
        *cells(150, "", "young", "older"),
        *cells(190, "Cork", "1", "2"),
        *cells(230, "Clare", "4", "5"),
    ]
    (table,) = tables(page, [flat(100), flat(180), flat(260)])
    assert rows(table)[:2] == [["", "Women 1x2"], ["", "young", "older"]]


def test_a_header_of_two_lines_is_one_row() -> None:
    page = [
        *cells(110, "Town", "rather", "fully"),
        *cells(132, "", "agree", "agree"),
        *cells(180, "Cork", "1", "2"),
        *cells(220, "Clare", "4", "5"),
    ]
    (table,) = tables(page, [flat(100), flat(165), flat(260)])
    assert rows(table)[0] == ["Town", "rather agree", "fully agree"]


def test_flat_rules_part_rows_whose_cells_wrap() -> None:
    wide, second = "a text that fills its cell", "and goes on in a 2nd line"
    page: list[Written] = []
    for y in (110, 180, 250):
        page += [*cells(y, "Cork"), line(wide, 310, y), line(second, 310, y + 24), line("a text of its own", 610, y)]
    net = [flat(100), flat(170), flat(240), flat(310), *(upright(x, 100, 312) for x in (100, 300, 600, 900))]
    (table,) = tables(page, net)
    assert rows(table) == [["Cork", f"{wide} {second}", "a text of its own"]] * 3


def test_a_cell_in_the_middle_of_a_ruled_band_spans_its_rows() -> None:
    page: list[Written] = [*cells(110, "Size", "Kind", "Value")]
    for y in (150, 220):
        page += [*cells(y, "", "old", "1"), *cells(y + 13, "6"), *cells(y + 28, "", "new", "2")]
    net = [*(flat(y) for y in (100, 140, 210, 280)), *(upright(x, 100, 282) for x in (100, 300, 500, 900))]
    (table,) = tables(page, net)
    assert rows(table) == [
        ["Size", "Kind", "Value"],
        ["6 2x1", "old", "1"],
        ["new", "2"],
        ["6 2x1", "old", "1"],
        ["new", "2"],
    ]


def test_a_rule_under_a_letterhead_does_not_draw_it_into_the_table() -> None:
    page = [
        line("The Joinery of Fenwick Lane", 110, 60),
        line("Marlow Street Library", 110, 120),
        *cells(400, "Item", "Pieces", "Price"),
        *cells(440, "Shelf", "2", "30"),
        *cells(480, "Desk", "1", "90"),
        *cells(520, "", "Total", "120"),
    ]
    parsed = parse(page, [flat(100), flat(470), flat(510)])
    assert [b.text for b in parsed.blocks if b.label is not BlockLabel.TABLE] == [
        "The Joinery of Fenwick Lane",
        "Marlow Street Library",
    ]
    assert rows(tables(page, [flat(100), flat(470), flat(510)])[0])[0::3] == [
        ["Item", "Pieces", "Price"],
        ["", "Total", "120"],
    ]


def test_rules_above_and_below_two_columns_of_prose_make_no_table() -> None:
    page = [*column(prose("a"), 100), *column(prose("b"), 520)]
    parsed = parse(page, [flat(90, 100, 900), flat(100 + 8 * LEADING, 100, 900)])
    assert [block.text for block in parsed.blocks] == [" ".join(prose("a")), " ".join(prose("b"))]


def test_an_address_beside_dates_is_no_table_with_them() -> None:
    dates = [
        *column(["Number", "Date", "Due", "Order"], 500, leading=44),
        *column(["7", "1 May", "9 May", "PO 8"], 700, leading=44),
    ]
    page = [*column(["Ann Example", "Marlow Street", "Oldtown", "Ireland", "Europe"], 100, leading=34), *dates]
    (table,) = tables(page, [])
    assert rows(table) == [["Number", "7"], ["Date", "1 May"], ["Due", "9 May"], ["Order", "PO 8"]]


def test_bullets_that_stand_above_each_other_begin_items_and_a_speck_does_not() -> None:
    items = [
        {**line("the first item", 130, 100), "bullet": [104, 106, 112, 114]},
        {**line("the second item", 130, 126), "bullet": [104, 132, 112, 140]},
        {**line("a line of text beside a speck of dirt", 230, 300), "bullet": [210, 306, 216, 312]},
    ]
    assert [(block.label.value, block.text) for block in parse(items, []).blocks] == [
        ("list_item", "• the first item"),
        ("list_item", "• the second item"),
        ("text", "a line of text beside a speck of dirt"),
    ]


def test_rules_that_cannot_be_read_are_left_out() -> None:
    parsed = parse([line("Hello", 100, 100)], ["x", [1, 2], None, [0, float("nan"), 3, 4]])
    assert ([block.text for block in parsed.blocks], parsed.issues) == (["Hello"], ())


WORDS = st.sampled_from(["a", "1.", "word", "a longer line of several words", "3,50", "Total:"])
PLACES = st.integers(0, 20)
LINES = st.lists(st.tuples(WORDS, PLACES, PLACES), max_size=25)
RULES = st.lists(st.tuples(PLACES, PLACES, PLACES, st.booleans()), max_size=12)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(LINES, RULES)
def test_every_line_is_read_once_whatever_rules_there_are(
    lines: list[tuple[str, int, int]], rules: list[tuple[int, int, int, bool]]
) -> None:
    written = [
        {"text": text, "box": [x * 40, y * 40, x * 40 + len(text) * CHARACTER, y * 40 + 20]} for text, x, y in lines
    ]
    drawn = [
        flat(y * 40 - 5, min(a, b) * 40, max(a, b) * 40)
        if is_flat
        else upright(y * 40 - 5, min(a, b) * 40, max(a, b) * 40)
        for a, b, y, is_flat in rules
    ]
    read = "".join(
        "".join(cell.text for cell in block.table.cells) if block.table else block.text
        for block in parse(written, drawn).blocks
    )
    assert sorted("".join(read.split())) == sorted("".join("".join(text for text, *_ in lines).split()))
