"""Page lists as people write them."""

import pytest

from ocr_mcp.errors import PageRangeError
from ocr_mcp.model.page_ranges import parse_page_list


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("all", (1, 2, 3, 4, 5)),
        ("", (1, 2, 3, 4, 5)),
        (" ALL ", (1, 2, 3, 4, 5)),
        ("3", (3,)),
        ("1-2,5", (1, 2, 5)),
        ("4-", (4, 5)),
        ("5,1,5", (5, 1)),
        ("3-1", (3, 2, 1)),
        (" 2 - 3 , 1 ", (2, 3, 1)),
    ],
)
def test_a_page_list_names_pages_in_the_order_written_each_once(written: str, numbers: tuple[int, ...]) -> None:
    assert parse_page_list(written, total=5) == numbers


@pytest.mark.parametrize("written", ["99", "0", "1-6", "0-2"])
def test_a_page_that_the_document_does_not_have_is_named(written: str) -> None:
    with pytest.raises(PageRangeError, match=r"The document has 5 pages; there is no page \d+"):
        parse_page_list(written, total=5)


@pytest.mark.parametrize("written", ["x", "1;2", "1,,2", "-3", "1.5", "1-2-3", "9" * 30])
def test_text_that_is_no_page_list_says_how_to_write_one(written: str) -> None:
    with pytest.raises(PageRangeError, match="Write pages like"):
        parse_page_list(written, total=5)
