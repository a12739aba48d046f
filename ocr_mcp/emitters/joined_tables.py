"""Tables over several pages in Markdown, although each page is written before the next one is known.

Bars go on by themselves: a row that stands right below a table belongs to it. So a table that ends a page is written
last, and a page that goes on with it begins with its rows.
"""

from ocr_mcp.emitters.asides import aside
from ocr_mcp.emitters.tables import table_rows_to_markdown
from ocr_mcp.model.documents import Page
from ocr_mcp.model.table_places import first_table_index, last_table_index


def with_table_last(page: Page) -> Page:
    """The page with page numbers and the like moved before a table that ends the page: the next page may go on with it.

    Whether it does is not known yet, since pages are written as they come.
    """
    index = last_table_index(page)
    table = None if index is None else page.blocks[index].table
    if index is None or table is None or not table.is_plain:
        return page
    blocks = (*page.blocks[:index], *page.blocks[index + 1 :], page.blocks[index])
    return page.model_copy(update={"blocks": blocks})


def joined_rows(page: Page) -> str:
    """The rows with which the page goes on with the table above; empty where it does not, or not in bars."""
    index = first_table_index(page)
    block = None if index is None else page.blocks[index]
    if block is None or block.table is None or block.continues is None or not block.table.is_plain:
        return ""
    marks = [f"<!-- page {page.number} -->"]
    if last_table_index(page) == index:
        # The next page may go on with the table again, so nothing may stand between.
        marks += [aside(each.label, each.text) for each in page.blocks if each is not block and each.text.strip()]
    return table_rows_to_markdown(block.table, skip=block.continues.repeated_rows, mark="".join(marks))


def without_joined_table(page: Page) -> Page:
    """What of the page `joined_rows` does not hold."""
    index = first_table_index(page)
    assert index is not None  # noqa: S101  there are joined rows
    is_all = last_table_index(page) == index
    blocks = () if is_all else (*page.blocks[:index], *page.blocks[index + 1 :])
    return page.model_copy(update={"blocks": blocks})
