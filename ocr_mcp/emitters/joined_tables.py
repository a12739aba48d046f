"""Finds tables that run over several pages in Markdown, although each page is written before the next one is known.

A row of bars right below a table belongs to that table. So a table that ends a page is written last on its page, and a
page that continues it begins with the rows.
"""

from dataclasses import dataclass

from ocr_mcp.model.blocks import Block, Table
from ocr_mcp.model.documents import Page
from ocr_mcp.model.table_places import first_table_index, last_table_index


@dataclass(frozen=True, slots=True)
class JoinedTable:
    """A table that a page begins with and that continues the table above it.

    `repeated_rows` is how many of its first rows repeat the header. `beside` are blocks that have to be written within
    the rows, because the next page may continue the table again; `rest` is the page without the table and them.
    """

    table: Table
    repeated_rows: int
    beside: tuple[Block, ...]
    rest: Page


def move_table_last(page: Page) -> Page:
    """Move running heads, page numbers and the like before a table that ends the page.

    The next page may continue that table. Whether it does is not known yet, since pages are written as they come.
    """
    index = last_table_index(page)
    table = None if index is None else page.blocks[index].table
    if index is None or table is None or not table.is_plain:
        return page
    blocks = (*page.blocks[:index], *page.blocks[index + 1 :], page.blocks[index])
    return page.model_copy(update={"blocks": blocks})


def split_joined_table(page: Page) -> JoinedTable | None:
    """Part a page from the table with which it continues the page before.

    Return None if it continues no table, or one that Markdown's bars cannot show.
    """
    index = first_table_index(page)
    block = None if index is None else page.blocks[index]
    if index is None or block is None or block.table is None or block.continues is None or not block.table.is_plain:
        return None
    others = (*page.blocks[:index], *page.blocks[index + 1 :])
    is_whole_page = last_table_index(page) == index
    beside, rest = (others, ()) if is_whole_page else ((), others)
    return JoinedTable(block.table, block.continues.repeated_rows, beside, page.model_copy(update={"blocks": rest}))
