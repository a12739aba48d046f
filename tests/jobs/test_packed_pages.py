"""A page comes out as it went in, and takes little memory meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.jobs.packed_pages import pack_page, unpack_page
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.pipeline import PageResult
from tests.emitters.documents import CUT, FAILURE, block, page, table


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False))
def test_a_page_comes_out_as_it_went_in(text: str, width: float) -> None:
    whole = page(block(BlockLabel.TEXT, text), block(BlockLabel.TABLE, "", table=table(["a", text])), issues=(CUT,))
    whole = whole.model_copy(update={"size": whole.size.model_copy(update={"width": width})})
    results: list[PageResult] = [whole, FAILURE]
    assert [unpack_page(pack_page(result)) for result in results] == results


def test_half_a_surrogate_pair_becomes_what_every_output_makes_of_it() -> None:
    found = unpack_page(pack_page(page(block(BlockLabel.TEXT, "a\ud800b"))))
    assert found == page(block(BlockLabel.TEXT, "a?b"))


def test_a_full_page_takes_a_few_kilobytes() -> None:
    paragraphs = [block(BlockLabel.TEXT, f"Paragraph {number}. " + "Some words of text. " * 20) for number in range(40)]
    assert len(pack_page(page(*paragraphs))) < 3000
