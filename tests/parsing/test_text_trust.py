"""When a PDF's own text is used, see docs/engines.md."""

import pytest

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.text_layers import TextLayer, TextLine
from ocr_mcp.parsing.text_trust import judge_text_layer, junk_fraction

SENTENCE = "The committee met on Tuesday and agreed on the budget for the coming year."


def layer(text: str, *, cover: float = 0.0) -> TextLayer:
    line = TextLine(
        text=text,
        box=BoundingBox(left=0, top=0, right=100, bottom=10),
        font="Serif",
        font_size=10,
        bold=False,
        monospaced=False,
        block_index=0,
    )
    return TextLayer(lines=(line,), picture_boxes=(), raster_cover=cover, invisible_fraction=0.0)


def test_a_page_with_readable_text_and_no_pictures_is_trusted() -> None:
    verdict = judge_text_layer(layer(SENTENCE))
    assert (verdict.trusted, verdict.unread_cover) == (True, 0.0)


def test_a_picture_has_no_text_layer_to_trust() -> None:
    assert not judge_text_layer(None).trusted


@pytest.mark.parametrize("text", ["", "Page 3", "x" * 29])
def test_a_few_characters_are_not_the_text_of_a_page(text: str) -> None:
    assert not judge_text_layer(layer(text)).trusted


@pytest.mark.parametrize("junk", ["\ue000", "\ufffd", "\x01"])
def test_characters_that_nobody_prints_betray_a_broken_font_map(junk: str) -> None:
    broken = layer(SENTENCE + junk * 3)
    assert junk_fraction(broken) > 0.02
    assert not judge_text_layer(broken).trusted


def test_the_text_behind_a_scan_is_another_programs_ocr() -> None:
    assert not judge_text_layer(layer(SENTENCE, cover=0.95)).trusted


def test_pictures_beside_trusted_text_are_said_to_be_unread() -> None:
    verdict = judge_text_layer(layer(SENTENCE, cover=0.4))
    assert (verdict.trusted, verdict.unread_cover) == (True, 0.4)
