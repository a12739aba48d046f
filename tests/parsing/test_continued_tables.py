"""Tables that continue on the next page: header and columns have to agree, or place and columns of numbers."""

import pytest

from ocr_mcp.model.blocks import Block, BlockLabel, Continuation, Table, TableCell
from ocr_mcp.model.documents import Page
from ocr_mcp.parsing.joining.continued_tables import follow_tables
from tests.emitters.documents import CUT, FAILURE, block, page, table
from tests.parsing.pages import box

HEADER = ["Item", "Price"]
ROWS = [["Widget", "42,00 €"], ["Gadget", "7,50 €"]]
MORE = [["Sprocket", "1.250,00 €"], ["Flange", "3 €"]]
TITLE = block(BlockLabel.SECTION_HEADER, "Other things")
FOOTER = block(BlockLabel.PAGE_FOOTER, "7")
HEAD = block(BlockLabel.PAGE_HEADER, "Annual report")
NOTE = block(BlockLabel.CAPTION, "Table 3 (continued)")


def table_block(*rows: list[str], left: float = 50, right: float = 550, header: bool = False) -> Block:
    found = table(*rows, header=header)
    return Block(label=BlockLabel.TABLE, text="as written", table=found, boxes=(box(left, 100, right, 300),))


def links(*pages: Page) -> list[Continuation | None]:
    """Return for each page the table that its first table continues."""
    found: list[Continuation | None] = []
    tail = None
    for each in pages:
        linked, tail = follow_tables(each, tail)
        assert isinstance(linked, Page)
        found.append(next((b.continues for b in linked.blocks if b.table), None))
    return found


FIRST = page(HEAD, TITLE, table_block(HEADER, *ROWS), FOOTER, number=1)


def link(*blocks: Block, number: int = 2, first: Page = FIRST) -> Continuation | None:
    return links(first, page(*blocks, number=number))[1]


def test_a_table_with_the_same_header_goes_on() -> None:
    found = link(HEAD, table_block(HEADER, *MORE), TITLE)
    assert found == Continuation(page=1, block_index=2, repeated_rows=1)


def test_the_header_may_be_spelled_a_little_otherwise() -> None:
    found = link(table_block(["ITEM", "Price:"], *MORE))
    assert found is not None
    assert found.repeated_rows == 1


def test_a_table_without_a_header_goes_on_where_numbers_stand_below_numbers_between_the_same_edges() -> None:
    assert link(table_block(*MORE)) == Continuation(page=1, block_index=2, repeated_rows=0)


@pytest.mark.parametrize(
    "blocks",
    [
        (table_block(["Name", "Age"], ["Ada", "36"]),),
        (table_block(["Item", "Price", "Tax"], ["Sprocket", "1", "2"]),),
        (table_block(*MORE, left=150),),
        (table_block(["Sprocket", "unknown"]),),
        (table_block(*MORE, header=True),),
        (TITLE, table_block(HEADER, *MORE)),
        (block(BlockLabel.TABLE, "<table>fused</table>"),),
        (),
    ],
    ids=[
        "another header",
        "more columns",
        "another place",
        "no number",
        "a header",
        "a heading between",
        "fused",
        "none",
    ],
)
def test_any_other_table_is_one_of_its_own(blocks: tuple[Block, ...]) -> None:
    assert link(*blocks) is None


def test_a_word_that_the_table_goes_on_may_stand_between() -> None:
    assert link(HEAD, NOTE, table_block(HEADER, *MORE)) is not None


def test_what_stands_below_a_table_ends_it() -> None:
    assert link(table_block(HEADER, *MORE), first=page(table_block(HEADER, *ROWS), TITLE)) is None


def test_a_table_goes_on_only_on_the_very_next_page_and_from_a_whole_one() -> None:
    assert link(table_block(HEADER, *MORE), number=3) is None
    assert link(table_block(HEADER, *MORE), first=page(table_block(HEADER, *ROWS), issues=(CUT,))) is None
    _, tail = follow_tables(FIRST, None)
    assert follow_tables(FAILURE, tail) == (FAILURE, None)


def test_the_third_page_is_compared_with_the_header_of_the_first() -> None:
    second, third = page(table_block(*MORE), number=2), page(table_block(HEADER, *ROWS), number=3)
    assert links(FIRST, second, third) == [
        None,
        Continuation(page=1, block_index=2, repeated_rows=0),
        Continuation(page=2, block_index=0, repeated_rows=1),
    ]


def test_a_header_of_several_rows_is_repeated_as_a_whole() -> None:
    cells = (
        TableCell(row=0, column=0, row_span=2, text="Item", is_header=True),
        TableCell(row=0, column=1, column_span=2, text="Price", is_header=True),
        TableCell(row=1, column=1, text="net", is_header=True),
        TableCell(row=1, column=2, text="gross", is_header=True),
        *(TableCell(row=2, column=column, text=text) for column, text in enumerate(("Widget", "1", "2"))),
    )
    both = Table(row_count=3, column_count=3, cells=cells)
    found = link(
        Block(label=BlockLabel.TABLE, text="", table=both),
        first=page(Block(label=BlockLabel.TABLE, text="", table=both)),
    )
    assert found == Continuation(page=1, block_index=0, repeated_rows=2)
