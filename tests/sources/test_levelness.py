"""Whether the lines of a page look level, from its lightness."""

import io
from pathlib import Path

import pytest
from PIL import Image

from ocr_mcp.model.turning import Turn
from ocr_mcp.sources.render_worker.levelness import levelness
from tests.pipeline.turned_pages import picture_to_turn


def encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


def jpeg(path: Path) -> bytes:
    return encoded(Image.open(path).convert("RGB"))


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


def test_lines_that_are_plainly_level_in_the_upper_part_of_a_large_page_are_enough() -> None:
    level, sideways = Image.new("L", (1200, 900), 255), Image.new("L", (1200, 900), 255)
    for at in range(0, 900, 60):
        level.paste(200, (0, at, 1200, at + 22))
    for at in range(0, 1200, 300):
        sideways.paste(0, (at, 0, at + 150, 900))
    for upper, lower, is_level in ((level, sideways, True), (sideways, level, False)):
        page = Image.new("L", (1200, 1800))
        page.paste(upper, (0, 0))
        page.paste(lower, (0, 900))
        found = [levelness(encoded(each)) or 0.0 for each in (page, page.resize((600, 900)))]
        assert [each > 1.5 for each in found] == [is_level, False]


@pytest.mark.parametrize(("turn", "is_level"), [(Turn.NONE, True), (Turn.LEFT, False)])
def test_lines_in_the_lower_half_are_seen_too(tmp_path: Path, turn: Turn, is_level: bool) -> None:
    picture = Image.open(picture_to_turn(tmp_path / "page.png", turn)).convert("L")
    page = Image.new("L", (picture.width, 2 * picture.height), 255)
    page.paste(picture, (0, picture.height))
    found = levelness(encoded(page))
    assert found is not None
    assert (found > 1.5) is is_level
