"""Plain text."""

import pytest

from ocr_mcp.emitters.text import document_to_text, page_to_text
from ocr_mcp.model.blocks import BlockLabel
from tests.emitters.documents import CUT, FAILURE, block, document, page, table


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("a **bold** word", "a bold word"),
        ("2**3**4 and __init__", "2**3**4 and __init__"),
        ("H<sub>2</sub>O", "H2O"),
        (r"is \( x^2 \) here", "is x^2 here"),
        ("a < b > c", "a < b > c"),
    ],
)
def test_markup_is_taken_out_and_nothing_else(written: str, plain: str) -> None:
    assert page_to_text(page(block(BlockLabel.TEXT, written))) == plain


def test_headings_lists_and_code_are_their_text() -> None:
    blocks = (
        block(BlockLabel.TITLE, "Title"),
        block(BlockLabel.LIST_ITEM, "- one"),
        block(BlockLabel.LIST_ITEM, "- two"),
        block(BlockLabel.CODE, "```python\nx = 1\n```"),
        block(BlockLabel.PICTURE, ""),
    )
    assert page_to_text(page(*blocks)) == "Title\n\n- one\n- two\n\nx = 1"


def test_tables_are_lines_of_cells_with_tabs_between() -> None:
    found = page(block(BlockLabel.TABLE, "", table=table(["a", "b\nc"], ["d\te", ""])))
    assert page_to_text(found) == "a\tb c\nd e"


def test_pages_are_parted_by_form_feeds_and_failures_are_in_brackets() -> None:
    """As `pdftotext` does."""
    found = document(page(block(BlockLabel.TEXT, "one"), issues=(CUT,)), FAILURE)
    assert document_to_text(found) == (
        "one\n\n[Page 1 is incomplete: The answer reached the limit.]\n"
        "\f[Page 4 could not be read: The answer stalled. Try again.]\n"
    )
