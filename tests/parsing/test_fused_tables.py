"""The words of a table that lost its cell marks, put into the cells of another reading."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.model.blocks import Block, BlockLabel, Table
from ocr_mcp.parsing.vlm.fused_tables import is_fused_block, refill_table
from tests.emitters.documents import table

LETTERS = "abcdeXYZ0123456789.,€%"
CELLS = st.text(LETTERS, max_size=8)


def rows_of(width: int) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2, max_size=5)


GRIDS = st.integers(2, 4).flatmap(rows_of)


def rows(found: Table | None) -> list[list[str]] | None:
    if found is None:
        return None
    grid = [[""] * found.column_count for _ in range(found.row_count)]
    for cell in found.cells:
        grid[cell.row][cell.column] = cell.text
    return grid


def fused(grid: Sequence[Sequence[str]]) -> str:
    return f"<table>{''.join(''.join(row) for row in grid)}</table>"


def test_the_cells_are_the_other_readings_and_the_words_the_models() -> None:
    """`€` and the capital are what the model reads better."""
    other = table(["item", "Price"], ["Widget", "42,00 E"])
    assert rows(refill_table("<table>ItemPriceWidget42,00 €</table>", other)) == [
        ["Item", "Price"],
        ["Widget", "42,00 €"],
    ]


def test_words_keep_the_spaces_between_them_and_their_markup() -> None:
    grid = [["Net weight", "H<sub>2</sub>O & co"], ["1", "2"]]
    found = refill_table("<table>Net  weightH<sub>2</sub>O &amp; co12</table>", table(*grid))
    assert rows(found) == grid


@pytest.mark.parametrize(
    "other",
    [
        table(["Item", "Price", "Widget", "42"]),
        table(["Item"], ["Price"], ["Widget"], ["42"]),
        table(["Item", "Prize"], ["Gadget", "17"]),
        table(["Widget", "42"], ["Item", "Price"]),
        table(["Item", ""], ["", ""]),
    ],
    ids=["one row", "one column", "another table", "another order", "a part of it"],
)
def test_what_is_no_table_or_says_something_else_is_not_taken(other: Table) -> None:
    assert refill_table("<table>ItemPriceWidget42</table>", other) is None


def test_a_character_that_could_belong_to_two_cells_is_not_given_to_one_of_them() -> None:
    """The other reading lacks the 1 that stands between 4 and 7: nobody knows whether it was 41 and 7, or 4 and 17."""
    grid = [["Quantity", "Amount"], ["Widgets of steel 4", "7 pieces"]]
    assert refill_table("<table>QuantityAmountWidgets of steel 417 pieces</table>", table(*grid)) is None


@settings(deadline=None)
@given(GRIDS)
def test_a_reading_of_the_same_characters_gives_its_cells_back(grid: list[list[str]]) -> None:
    found = refill_table(fused(grid), table(*grid))
    assert rows(found) == (grid if any(map("".join, grid)) else None)


@settings(deadline=None)
@given(GRIDS, st.data())
def test_whatever_the_other_reading_says_the_characters_stay_the_models(
    grid: list[list[str]], data: st.DataObject
) -> None:
    """One cell is read otherwise. If the table is taken, it holds what the model wrote, in that order."""
    row, column = data.draw(st.integers(0, len(grid) - 1)), data.draw(st.integers(0, len(grid[0]) - 1))
    other = [list(each) for each in grid]
    other[row][column] = data.draw(CELLS)
    found = refill_table(fused(grid), table(*other))
    if found is not None:
        assert "".join("".join(each) for each in rows(found) or []) == "".join(map("".join, grid))


@pytest.mark.parametrize(
    ("block", "is_fused"),
    [
        (Block(label=BlockLabel.TABLE, text="<table>ItemQty</table>"), True),
        (Block(label=BlockLabel.TABLE, text="<table></table>"), False),
        (Block(label=BlockLabel.TABLE, text="<table>x</table>", table=table(["x"])), False),
        (Block(label=BlockLabel.TEXT, text="ItemQty"), False),
    ],
)
def test_only_a_table_with_text_and_without_cells_is_fused(block: Block, is_fused: bool) -> None:
    assert is_fused_block(block) is is_fused
