"""Whether the lines of a page look level, from its lightness."""

import io
from pathlib import Path

import pytest
from PIL import Image

from ocr_mcp.model.turning import Turn
from ocr_mcp.sources.levelness import levelness
from tests.pipeline.turned_pages import picture_to_turn


def jpeg(path: Path) -> bytes:
    out = io.BytesIO()
    Image.open(path).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.mark.parametrize(("turn", "is_level"), [(Turn.NONE, True), (Turn.HALF, True), (Turn.LEFT, False)])
def test_lines_are_level_on_an_upright_page_and_not_on_one_that_lies_on_its_side(
    tmp_path: Path, turn: Turn, is_level: bool
) -> None:
    found = levelness(jpeg(picture_to_turn(tmp_path / "page.png", turn)))
    assert found is not None
    assert (found > 1.5) is is_level


def test_a_blank_page_is_not_plainly_level() -> None:
    out = io.BytesIO()
    Image.new("L", (600, 800), 255).save(out, "JPEG")
    assert levelness(out.getvalue()) == 0.0


def test_a_picture_of_one_pixel_and_one_that_is_damaged_say_nothing_worse() -> None:
    out = io.BytesIO()
    Image.new("L", (1, 1), 9).save(out, "JPEG")
    assert levelness(out.getvalue()) == 0.0
    assert levelness(out.getvalue()[:20]) is None
