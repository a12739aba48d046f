"""Running heads and page numbers of a PDF's own text, and accents drawn apart."""

import pytest

from ocr_mcp.model.geometry import Size
from ocr_mcp.model.text_layers import TextLayer, TextLine
from ocr_mcp.parsing.text_layer.accents import compose_accents
from ocr_mcp.parsing.text_layer.blocks import parse_text_layer
from tests.parsing.test_text_layer import body, line

A4 = Size(width=595, height=842)


def labelled(*lines: TextLine) -> list[tuple[str, str]]:
    layer = TextLayer(lines=lines, picture_boxes=(), raster_cover=0, invisible_fraction=0)
    return [(block.label.value, block.text[:20]) for block in parse_text_layer(layer, A4)]


def test_what_is_set_apart_at_the_edges_is_header_and_footer_whenever_it_is_drawn() -> None:
    found = labelled(line("17", y=800, block=0), *body(), line("Journal of Bridges", y=30, block=99))
    assert [found[0], found[-1]] == [("page_header", "Journal of Bridges"), ("page_footer", "17")]
    assert [label for label, _ in found[1:-1]] == ["text"]


def test_a_line_that_runs_on_into_the_body_is_part_of_it() -> None:
    rows = [line(f"row {n} of a page with narrow margins", y=60 + 12 * n, block=0) for n in range(8)]
    assert [label for label, _ in labelled(*rows)] == ["text"]


def test_large_type_at_the_top_is_a_heading() -> None:
    assert labelled(line("Annual report", size=20, y=40, block=0), *body())[0] == ("title", "Annual report")


def test_a_page_of_few_lines_has_no_margins() -> None:
    assert [label for label, _ in labelled(line("A title page", y=30), line("1999", y=800, block=1))] == ["text"] * 2


@pytest.mark.parametrize(
    ("drawn", "meant"),
    [("J´an Min´aˇc", "Ján Mináč"), ("na¨ıve", "naïve"), ("5´ each", "5´ each"), ("x ˆq", "x ˆq")],
)
def test_accents_that_are_drawn_apart_are_put_on_their_letters(drawn: str, meant: str) -> None:
    """TeX draws the accent first, with fonts that have no accented letters."""
    assert compose_accents(drawn) == meant
