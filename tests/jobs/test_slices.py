"""How a document's text is cut into results."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.jobs.slices import Slice, cut_slice


def cut(pieces: Sequence[str | None], *, index: int = 0, offset: int = 0, max_chars: int = 10) -> Slice:
    return cut_slice(lambda i: pieces[i], len(pieces), index=index, offset=offset, max_chars=max_chars)


def test_as_many_whole_pages_as_fit() -> None:
    assert cut(["aaaa", "bbbb", "cccc"]) == Slice("aaaabbbb", 0, 2, 2, 0, waits=False)


def test_a_page_that_is_not_ready_ends_the_slice_and_could_lengthen_it() -> None:
    assert cut(["aaaa", None, "cccc"]) == Slice("aaaa", 0, 1, 1, 0, waits=True)


def test_the_end_of_the_document_has_no_next_page() -> None:
    assert cut(["aaaa", "bbbb"], index=1) == Slice("bbbb", 1, 2, None, 0, waits=False)


def test_a_page_that_alone_is_too_large_is_continued_with_an_offset() -> None:
    pieces = ["a" * 25, "b"]
    first = cut(pieces)
    assert first == Slice("a" * 10, 0, 1, 0, 10, waits=False)
    assert cut(pieces, offset=20) == Slice("aaaaab", 0, 2, None, 0, waits=False)


def test_a_large_page_is_cut_at_a_line_end_unless_that_is_in_the_first_half() -> None:
    assert cut(["aaaaaaa\nbbbbbbbb"]).text == "aaaaaaa\n"
    assert cut(["a\nbbbbbbbbbbbbbb"]).text == "a\nbbbbbbbb"


@given(st.lists(st.text(max_size=30), min_size=1, max_size=12), st.integers(min_value=1, max_value=25))
def test_the_slices_joined_are_the_document_and_none_is_too_long(pieces: list[str], max_chars: int) -> None:
    texts, where = list[str](), (0, 0)
    for _ in range(1000):
        found = cut(pieces, index=where[0], offset=where[1], max_chars=max_chars)
        assert len(found.text) <= max_chars
        texts.append(found.text)
        if found.next_index is None:
            break
        assert (found.next_index, found.next_offset) > where
        where = (found.next_index, found.next_offset)
    assert "".join(texts) == "".join(pieces)
