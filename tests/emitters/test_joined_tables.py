"""Tables over several pages in Markdown: one table, although every page is written before the next one is known."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.emitters.markdown import document_to_markdown, markdown_page_part
from ocr_mcp.model.blocks import Block, BlockLabel, Continuation, Table, TableCell
from ocr_mcp.model.documents import Page
from tests.emitters.documents import block, document, page, table

HEADER = ["Item", "Price"]
FOOTER = block(BlockLabel.PAGE_FOOTER, "7")
HEAD = block(BlockLabel.PAGE_HEADER, "Annual | report --> 2026")


def part(*rows: list[str], after: int | None = None, repeated: int = 0) -> Block:
    """A part of a table; `after` is the page that it goes on from."""
    link = None if after is None else Continuation(page=after, block_index=0, repeated_rows=repeated)
    return Block(label=BlockLabel.TABLE, text="", table=table(*rows), continues=link)


def test_the_rows_of_the_next_page_stand_right_below_and_their_page_is_marked_in_them() -> None:
    one = page(block(BlockLabel.TEXT, "Before."), part(HEADER, ["Widget", "1"]), number=2)
    two = page(part(HEADER, ["Gadget", "2"], after=2, repeated=1), block(BlockLabel.TEXT, "After."), number=3)
    assert document_to_markdown(document(one, two)) == (
        "<!-- page 2 -->\n\nBefore.\n\n| Item | Price |\n| --- | --- |\n| Widget | 1 |\n"
        "| <!-- page 3 --> Gadget | 2 |\n\nAfter.\n"
    )


def test_page_numbers_do_not_stand_between_the_parts() -> None:
    """Page numbers and the like under a table that ends a page come before it, whatever the next page is."""
    one = page(part(HEADER, ["Widget", "1"]), FOOTER, number=2)
    two = page(HEAD, part(["Gadget", "2"], after=2), block(BlockLabel.TEXT, "After."), FOOTER, number=3)
    assert document_to_markdown(document(one, two)) == (
        "<!-- page 2 -->\n\n<!-- footer: 7 -->\n\n| Item | Price |\n| --- | --- |\n| Widget | 1 |\n"
        "| <!-- page 3 --> Gadget | 2 |\n\n<!-- header: Annual | report –› 2026 -->\n\nAfter.\n\n<!-- footer: 7 -->\n"
    )


def test_a_page_in_the_middle_of_a_table_is_rows_alone() -> None:
    """Its running head is in a comment, for the next page may go on again."""
    one = page(part(HEADER, ["Widget", "1"]), number=1)
    two = page(HEAD, part(["Gadget", "2"], after=1), number=2)
    three = page(part(["Flange", "3"], after=2), block(BlockLabel.TEXT, "After."), number=3)
    assert document_to_markdown(document(one, two, three)) == (
        "<!-- page 1 -->\n\n| Item | Price |\n| --- | --- |\n| Widget | 1 |\n"
        "| <!-- page 2 --><!-- header: Annual \\| report –› 2026 --> Gadget | 2 |\n"
        "| <!-- page 3 --> Flange | 3 |\n\nAfter.\n"
    )


def test_the_first_page_of_a_text_is_whole_in_itself() -> None:
    found = markdown_page_part(page(part(["Gadget", "2"], after=2), number=3), is_first=True)
    assert found.startswith("<!-- page 3 -->\n\n")
    assert "| Gadget | 2 |\n| --- | --- |" in found


def test_tables_with_spans_cannot_be_joined_and_say_what_they_go_on_with() -> None:
    cells = (TableCell(row=0, column=0, column_span=2, text="Widgets"),)
    spanned = Table(row_count=1, column_count=2, cells=cells)
    link = Continuation(page=1, block_index=0, repeated_rows=0)
    one = page(Block(label=BlockLabel.TABLE, text="", table=spanned), FOOTER)
    two = page(Block(label=BlockLabel.TABLE, text="", table=spanned, continues=link), number=2)
    assert document_to_markdown(document(one, two)).endswith(
        "</table>\n\n<!-- footer: 7 -->\n\n<!-- page 2 -->\n\n<!-- goes on with the table of page 1 -->\n\n"
        '<table>\n<tr><td colspan="2">Widgets</td></tr>\n</table>\n'
    )


CELLS = st.text("abc 12|-", max_size=6)
LABELS = st.sampled_from([BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER, BlockLabel.TEXT])
AROUND = st.lists(st.builds(block, LABELS, st.text("xyz", max_size=4)), max_size=2)


@st.composite
def pages(draw: st.DrawFn) -> list[Page]:
    """Pages with a table each, some of which go on with that of the page before."""
    found: list[Page] = []
    for number in range(1, draw(st.integers(2, 4)) + 1):
        rows = draw(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=3))
        after = number - 1 if found and draw(st.booleans()) else None
        found.append(page(*draw(AROUND), part(*rows, after=after), *draw(AROUND), number=number))
    return found


@settings(deadline=None)
@given(pages())
def test_every_cell_and_every_page_is_in_the_text(found: list[Page]) -> None:
    text = document_to_markdown(document(*found))
    assert [int(number) for number in re.findall(r"<!-- page (\d+) -->", text)] == [each.number for each in found]
    flat = re.sub(r"[\s\\]", "", text)
    for each in found:
        for cell in (cell for b in each.blocks if b.table for cell in b.table.cells):
            assert "".join(cell.text.split()) in flat
        assert all(b.text in text for b in each.blocks)
