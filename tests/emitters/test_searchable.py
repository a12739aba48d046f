"""Which words go under a page."""

from ocr_mcp.emitters.searchable import page_words
from ocr_mcp.model.blocks import Block, BlockLabel, BlockLine
from ocr_mcp.model.documents import PageOrigin
from ocr_mcp.model.geometry import BoundingBox
from tests.emitters.documents import page, table

LEFT = BoundingBox(left=50, top=100, right=250, bottom=110)
RIGHT = BoundingBox(left=300, top=100, right=500, bottom=110)


def words(*blocks: Block, origin: PageOrigin = PageOrigin.OCR) -> str:
    read = page(*blocks).model_copy(update={"origin": origin})
    return "".join(word.text if word.text.endswith(" ") else f"{word.text}|" for word in page_words(read))


def test_lines_that_the_engine_found_are_preferred_to_the_paragraph() -> None:
    lines = (BlockLine(text="first line", box=LEFT), BlockLine(text="second", box=RIGHT))
    assert words(Block(label=BlockLabel.TEXT, text="first line second", boxes=(LEFT,), lines=lines)) == (
        "first line|second|"
    )


def test_a_text_over_two_columns_is_shared_out() -> None:
    block = Block(label=BlockLabel.TEXT, text="a b c d", boxes=(LEFT, RIGHT))
    assert words(block) == "a b|c d|"
    assert [word.left >= 300 for word in page_words(page(block))] == [False, False, True, True]


def test_markup_is_no_word() -> None:
    assert words(Block(label=BlockLabel.TEXT, text="so **very** H<sub>2</sub>O", boxes=(LEFT,))) == "so very H2O|"


def test_cells_stand_in_their_rows_and_columns() -> None:
    grid = BoundingBox(left=0, top=0, right=200, bottom=100)
    block = Block(label=BlockLabel.TABLE, text="", table=table(["Nails", "3.50"], ["Screws", "12"]), boxes=(grid,))
    nails, price, screws, count = page_words(page(block))
    assert (nails.text, price.text, screws.text, count.text) == ("Nails", "3.50", "Screws", "12")
    assert nails.left == screws.left < price.left == count.left
    assert nails.bottom <= 50 <= screws.top


def test_text_without_a_place_is_found_on_its_page_at_least() -> None:
    assert words(Block(label=BlockLabel.TEXT, text="somewhere here")) == "somewhere|here|"


def test_a_page_that_carries_its_text_gets_no_second_one() -> None:
    block = Block(label=BlockLabel.TEXT, text="native", boxes=(LEFT,))
    assert words(block, origin=PageOrigin.TEXT_LAYER) == ""
