"""A PDF's own text as blocks, in the order of the PDF.

Of six checks of reading order, text sorted by place (`get_text(sort=True)` of PyMuPDF) passed two, the PDF's own order
all.
"""

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.text_layers import TextLayer, TextLine
from ocr_mcp.parsing.text_layer.blocks import parse_text_layer
from tests.parsing.pages import box

LEADING = 12


def line(
    text: str,
    *,
    x: float = 50,
    y: float = 100,
    size: float = 10,
    bold: bool = False,
    mono: bool = False,
    block: int = 0,
) -> TextLine:
    return TextLine(
        text=text,
        box=BoundingBox(left=x, top=y, right=x + len(text) * size / 2, bottom=y + size * 1.1),
        font="Mono" if mono else "Serif",
        font_size=size,
        bold=bold,
        monospaced=mono,
        block_index=block,
    )


def body(block: int = 9, y: float = 400) -> list[TextLine]:
    return [line(f"row {n} of the body of the page, long and plain", y=y + LEADING * n, block=block) for n in range(6)]


def parse(*lines: TextLine, pictures: tuple[BoundingBox, ...] = ()) -> tuple[Block, ...]:
    return parse_text_layer(TextLayer(lines=lines, picture_boxes=pictures, raster_cover=0, invisible_fraction=0))


def summary(*lines: TextLine) -> list[tuple[str, str]]:
    return [(block.label.value, block.text) for block in parse(*lines)]


def test_lines_drawn_as_one_block_are_one_paragraph() -> None:
    found = parse(line("Two lines of one"), line("paragraph", y=112))
    assert [(b.text, b.boxes) for b in found] == [("Two lines of one paragraph", (box(50, 100, 130, 123),))]


def test_the_order_of_drawing_is_kept() -> None:
    assert summary(line("drawn first", y=500, block=0), line("drawn second", y=100, block=1)) == [
        ("text", "drawn first"),
        ("text", "drawn second"),
    ]


def test_larger_type_makes_headings_by_rank_and_the_largest_the_title() -> None:
    found = parse(
        line("Big", size=20, block=0),
        line("Middle", size=14, y=130, block=1),
        line("Small", size=12, y=150, block=2),
        *body(),
    )
    assert [(b.label.value, b.level) for b in found] == [
        ("title", 1),
        ("section_header", 2),
        ("section_header", 3),
        ("text", None),
    ]


def test_a_bold_line_of_its_own_is_a_heading() -> None:
    assert summary(line("Summary", bold=True), *body())[0] == ("section_header", "Summary")


def test_a_bold_word_that_a_paragraph_begins_with_is_not() -> None:
    row = (line("Table", bold=True), line("1 shows what was found", x=80))
    assert summary(*row, *body())[0] == ("text", "Table 1 shows what was found")


def test_a_bold_page_has_no_headings_by_boldness() -> None:
    assert {b.label for b in parse(*(line(f"bold row {n}", bold=True, y=100 + 30 * n, block=n) for n in range(4)))} == {
        BlockLabel.TEXT
    }


def test_a_block_in_typewriter_is_code_with_its_indents() -> None:
    code = (line("if x:", mono=True, y=100), line("return 1", x=70, mono=True, y=112))
    assert summary(*code, *body())[0] == ("code", "if x:\n    return 1")


def test_one_line_in_typewriter_is_text() -> None:
    assert summary(line("someone@example.org", mono=True), *body())[0] == ("text", "someone@example.org")


def test_items_begin_at_their_markers() -> None:
    items = (line("• one", y=100), line("more of one", x=60, y=112), line("• two", y=124))
    assert summary(*items, *body())[:2] == [("list_item", "• one more of one"), ("list_item", "• two")]


def test_a_bullet_drawn_apart_or_by_a_symbol_font_is_a_bullet() -> None:
    apart = (line("•", x=40), line("one", x=60))
    symbol = (line("\uf0b7 two", x=40, y=112),)
    assert summary(*apart, *symbol, *body())[:2] == [("list_item", "• one"), ("list_item", "• two")]


def test_an_unmapped_character_before_a_number_is_left_alone() -> None:
    """It is a minus as often as a bullet."""
    assert summary(line("\ufffd0.93"), *body())[0][1] == "\ufffd0.93"


def test_rows_drawn_cell_by_cell_are_a_table() -> None:
    cells = [
        line(text, x=50 + 100 * c, y=100 + LEADING * r, block=r)
        for r, row in enumerate([["Item", "Qty", "Price"], ["Tea", "2", "3.00"], ["Cake", "1", "4.50"]])
        for c, text in enumerate(row)
    ]
    found = parse(*cells, *body())
    table = found[0].table
    assert (found[0].label, found[1].label) == (BlockLabel.TABLE, BlockLabel.TEXT)
    assert table is not None
    assert [c.text for c in table.cells] == ["Item", "Qty", "Price", "Tea", "2", "3.00", "Cake", "1", "4.50"]
    assert [c.is_header for c in table.cells[:4]] == [True, True, True, False]


def test_a_picture_stands_before_what_is_below_it() -> None:
    found = parse(line("above", y=100, block=0), line("below", y=400, block=1), pictures=(box(50, 200, 300, 350),))
    assert [(b.label.value, b.text) for b in found] == [("text", "above"), ("picture", ""), ("text", "below")]


def test_a_picture_stays_in_its_column() -> None:
    left = [line(f"left {n}", x=50, y=y, block=n) for n, y in enumerate((100, 500))]
    right = [line(f"right {n}", x=350, y=y, block=2 + n) for n, y in enumerate((100, 500))]
    found = parse(*left, *right, pictures=(box(350, 200, 550, 400),))
    assert [b.text for b in found] == ["left 0", "left 1", "right 0", "", "right 1"]


def test_a_page_with_nothing_but_a_picture_is_that_picture() -> None:
    assert [b.label for b in parse(pictures=(box(0, 0, 9, 9),))] == [BlockLabel.PICTURE]


def test_section_rows_that_cross_columns_do_not_join_them() -> None:
    rows: list[TextLine] = []
    for n in range(12):
        y = 100 + 12 * n
        if n % 4 == 0:
            rows += [line("A section name", x=50, y=y), line("and what it is about", x=160, y=y)]
        else:
            rows += [line(text, x=x, y=y) for text, x in ((f"{n}", 50), ("Easy", 80), ("Task", 160), ("0.87", 300))]
    (found,) = parse(*rows)
    assert found.table is not None
    assert found.table.column_count == 4
    assert [cell.text for cell in found.table.cells if cell.row == 1] == ["1", "Easy", "Task", "0.87"]
