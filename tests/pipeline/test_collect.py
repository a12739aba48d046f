"""Pages become a document in one place."""

import gc

import pytest

from ocr_mcp.errors import EngineTimeoutError
from ocr_mcp.model.blocks import Block, BlockLabel, Table, TableCell
from ocr_mcp.model.documents import Page, PageOrigin, PageResult
from ocr_mcp.model.geometry import PageUnit, Size
from ocr_mcp.model.predictions import Task
from ocr_mcp.parsing.joining.continued_tables import TableTail
from ocr_mcp.pipeline.collect import CollectedPages, Collector, failure_of, finish_page

FAILURE = failure_of(2, EngineTimeoutError("It stalled.", hint="Again."))


def page(number: int, *blocks: Block) -> Page:
    return Page(
        number=number,
        size=Size(width=595, height=842),
        unit=PageUnit.POINT,
        origin=PageOrigin.OCR,
        origin_reason="",
        task=Task.MARKDOWN,
        blocks=blocks,
    )


def table_page(number: int) -> Page:
    """A page that is a table with the same header as on all others."""
    rows = (("No.", "Page"), ("1", str(number)))
    cells = tuple(TableCell(row=r, column=c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row))
    table = Table(row_count=2, column_count=2, cells=cells)
    return page(number, Block(label=BlockLabel.TABLE, text="", table=table))


def continued_page(result: PageResult) -> int | None:
    """The number of the page whose table this one goes on with."""
    assert isinstance(result, Page)
    link = result.blocks[0].continues
    return None if link is None else link.page


def test_a_table_is_linked_to_the_page_before() -> None:
    collector = Collector()
    assert [continued_page(collector.add(table_page(number))) for number in (1, 2, 3)] == [None, 1, 2]


def test_a_page_that_follows_another_only_in_the_list_of_pages_continues_nothing() -> None:
    collector = Collector()
    assert [continued_page(collector.add(table_page(number))) for number in (1, 5)] == [None, None]


def test_a_document_that_is_read_in_several_goes_keeps_its_links() -> None:
    collector = Collector()
    assert [continued_page(collector.add(table_page(number))) for number in (1, 7, 2, 8)] == [None, None, 1, 7]


def test_a_page_that_failed_and_is_read_again_goes_on_with_the_page_before() -> None:
    collector = Collector()
    collector.add(table_page(1))
    assert collector.add(FAILURE) == FAILURE
    assert continued_page(collector.add(table_page(2))) == 1


def test_no_more_is_kept_than_the_table_at_the_end_of_the_last_page() -> None:
    collector = Collector()
    for number in range(1, 51):
        collector.add(table_page(number))
    gc.collect()
    assert sum(isinstance(each, TableTail) for each in gc.get_objects()) == 1


class Stream:
    """Results that come one by one."""

    def __init__(self, *results: PageResult) -> None:
        self._results = iter(results)

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> PageResult:
        for result in self._results:
            return result
        raise StopAsyncIteration


@pytest.mark.anyio
async def test_a_page_that_nobody_took_is_collected_when_it_is_read_again() -> None:
    """A job that is stopped reads such a page in its next go."""
    collector = Collector()
    stopped = CollectedPages(Stream(table_page(1), table_page(2)), collector)
    assert continued_page(await anext(stopped)) is None
    rest = [result async for result in CollectedPages(Stream(table_page(2), table_page(3)), collector)]
    assert [continued_page(result) for result in rest] == [1, 2]


@pytest.mark.parametrize(("join", "text"), [(True, "a newspaper"), (False, "a news-\npaper")])
def test_words_that_a_line_end_broke_are_joined_where_that_is_wanted(join: bool, text: str) -> None:
    broken = page(1, Block(label=BlockLabel.TEXT, text="a news-\npaper"))
    assert finish_page(broken, join_hyphens=join).blocks[0].text == text


def test_a_page_without_broken_words_stays_the_object_that_it_is() -> None:
    whole = page(1, Block(label=BlockLabel.TEXT, text="a newspaper"))
    assert finish_page(whole, join_hyphens=True) is whole
