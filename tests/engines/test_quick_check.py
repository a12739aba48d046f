"""A glance sees that a page of level lines stands upright, and nothing else."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr_mcp.engines.orientation.check import decoded, look
from ocr_mcp.engines.orientation.quick_check import is_plainly_upright
from ocr_mcp.model.turning import Turn
from tests.pipeline.turned_pages import picture_to_turn


def page(folder: Path, turn: Turn) -> bytes:
    return picture_to_turn(folder / "page.png", turn).read_bytes()


@pytest.mark.parametrize("turn", Turn)
def test_a_page_is_seen_to_be_upright_only_if_it_is(tmp_path: Path, turn: Turn) -> None:
    assert is_plainly_upright(decoded(page(tmp_path, turn))) is (turn is Turn.NONE)


def test_what_holds_no_lines_shows_nothing() -> None:
    blank = np.full((800, 600), 255, np.uint8)
    noise = np.random.default_rng(7).integers(0, 256, (800, 600), np.uint8)
    stripes = np.tile(np.array([[0], [255]], np.uint8), (400, 600))
    odd = (blank[:1, :1], noise[:1], noise[:, :1], stripes, stripes[:7, :102], stripes[:137, :17])
    assert not any(is_plainly_upright(each) for each in (blank, noise, *odd))


def test_a_few_lines_are_too_few(tmp_path: Path) -> None:
    picture = decoded(page(tmp_path, Turn.NONE))
    few = picture.copy()
    few[few.shape[0] // 8 :] = 255
    assert not is_plainly_upright(few)


def test_a_look_at_a_level_page_sees_at_a_glance_that_it_is_upright_and_looks_on_where_it_is_not(
    tmp_path: Path,
) -> None:
    upright, turned = page(tmp_path, Turn.NONE), page(tmp_path, Turn.HALF)
    at_a_glance, closely = look(upright, is_level=True), look(upright)
    assert at_a_glance != closely
    assert all(seen["upside_down"] < 0.2 and not seen.get("readings") for seen in (at_a_glance, closely))
    assert look(turned, is_level=True) == look(turned)
    assert look(turned)["upside_down"] > 0.5


def test_lines_are_found_in_pictures_of_any_size(tmp_path: Path) -> None:
    picture = decoded(page(tmp_path, Turn.NONE))
    height, width = picture.shape
    for size in ((width // 2, height // 2), (width * 2, height * 2)):
        assert is_plainly_upright(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
