"""Documents written page by page. Issue 3: flat memory, and an agent's slices add up to the CLI's output."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.emitters.json_document import JsonStream, document_from_json, document_to_json
from ocr_mcp.emitters.markdown import MarkdownStream, document_to_markdown, markdown_page_part
from ocr_mcp.emitters.streams import DocumentHeader, DocumentStream
from ocr_mcp.emitters.text import TextStream, document_to_text
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import Document, Page, PageFailure
from tests.emitters.documents import CUT, FAILURE, block, page

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
BLOCKS = st.builds(block, st.sampled_from(BlockLabel), TEXTS)


def page_of(blocks: list[Block], number: int, is_cut: bool) -> Page:
    return page(*blocks, number=number, issues=(CUT,) if is_cut else ())


PAGES = st.builds(page_of, st.lists(BLOCKS, max_size=3), st.integers(1, 10_000), st.booleans())
FAILURES = st.builds(PageFailure, number=st.integers(1, 10_000), code=st.just("CORRUPT"), reason=TEXTS, hint=TEXTS)
DOCUMENTS = st.builds(
    Document,
    source=TEXTS,
    media_type=st.just("application/pdf"),
    total_pages=st.integers(0, 10_000),
    pages=st.lists(PAGES | FAILURES, max_size=4).map(tuple),
    warnings=st.lists(TEXTS, max_size=2).map(tuple),
)


@given(DOCUMENTS)
def test_json_that_is_written_page_by_page_is_the_whole_model_to_the_byte(document: Document) -> None:
    text = document_to_json(document)
    assert text == document.model_dump_json(indent=2) + "\n"
    assert document_from_json(text) == document


@given(DOCUMENTS)
def test_the_markdown_of_a_document_is_the_sum_of_its_pages(document: Document) -> None:
    parts = [markdown_page_part(result, is_first=index == 0) for index, result in enumerate(document.pages)]
    assert "".join(parts) == document_to_markdown(document)
    assert all(part.endswith("\n") for part in parts)


@pytest.mark.parametrize(
    ("stream", "emit"),
    [(MarkdownStream, document_to_markdown), (TextStream, document_to_text), (JsonStream, document_to_json)],
)
def test_nothing_waits_for_a_later_page(stream: Callable[[], DocumentStream], emit: Callable[[Document], str]) -> None:
    """Each part is final when its page is: a file or a pipe can have it at once."""
    pages: tuple[Page | PageFailure, ...] = (page(block(BlockLabel.TEXT, "one")), FAILURE)
    document = Document(source="a.pdf", media_type="application/pdf", total_pages=2, pages=pages)
    writer, written = stream(), ""
    written += writer.begin(DocumentHeader.of(document))
    for result in pages:
        written += writer.page(result)
        assert emit(document).startswith(written)
        assert (result.reason if isinstance(result, PageFailure) else "one")[:20] in written
    assert written + writer.end(()) == emit(document)
