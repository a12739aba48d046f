"""Lines of two columns that the detector takes for one, on pictures drawn here."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr_mcp.engines.embedded.splits import gutters_through, ink_of, parts_of
from ocr_mcp.engines.embedded.worker import MIN_PX, with_room

Picture = NDArray[np.uint8]
Box = list[float]

LEFT, RIGHT, HEIGHT, LEADING = 50, 650, 20, 26


def page(gutter: tuple[int, int] | None, rows: int = 14) -> tuple[Picture, list[Box]]:
    """Rows of strokes with a word space at another place in each; white in the gutter. All boxes reach across."""
    picture = np.full((60 + rows * LEADING, 700), 255, np.uint8)
    boxes: list[Box] = []
    for row in range(rows):
        top = 30 + row * LEADING
        picture[top : top + HEIGHT, LEFT:RIGHT:4] = 0
        space = LEFT + 60 + (row * 83) % 480
        picture[top : top + HEIGHT, space : space + 12] = 255
        if gutter is not None:
            picture[top : top + HEIGHT, gutter[0] : gutter[1]] = 255
        boxes.append([float(LEFT), float(top), float(RIGHT), float(top + HEIGHT)])
    return picture, boxes


@pytest.mark.parametrize("row", [0, 7, 13])
def test_a_line_falls_apart_at_the_white_that_its_neighbours_share(row: int) -> None:
    picture, boxes = page((340, 356))
    ((start, end),) = gutters_through(ink_of(picture, []), boxes[row], boxes)
    assert (start, end) == (pytest.approx(340, abs=4), pytest.approx(356, abs=4))


def test_spaces_between_words_part_nothing() -> None:
    picture, boxes = page(None)
    sums = ink_of(picture, [])
    assert [gutters_through(sums, box, boxes) for box in boxes] == [[]] * len(boxes)


def test_a_line_drawn_in_the_gutter_does_not_hide_it() -> None:
    picture, boxes = page((340, 356))
    picture[:, 347:349] = 0
    assert len(gutters_through(ink_of(picture, [[347, 0, 349, 424]]), boxes[7], boxes)) == 1


def test_a_line_alone_is_not_parted() -> None:
    picture, boxes = page((340, 356), rows=1)
    assert gutters_through(ink_of(picture, []), boxes[0], boxes) == []


def test_a_heading_in_larger_type_is_not_parted_by_the_gutter_under_it() -> None:
    picture, boxes = page((340, 356))
    heading = [float(LEFT), 30.0, float(RIGHT), 80.0]
    assert gutters_through(ink_of(picture, []), heading, [heading, *boxes[2:]]) == []


def test_the_parts_keep_a_margin_in_the_gutter() -> None:
    left, right = parts_of([0.0, 0.0, 100.0, 20.0], [(40.0, 60.0)])
    assert (left, right) == ([0.0, 0.0, 42.4, 20.0], [57.6, 0.0, 100.0, 20.0])


def test_a_strip_gets_paper_of_its_colour_so_that_it_is_not_enlarged_too_far() -> None:
    strip = np.full((59, 400, 3), 230, np.uint8)
    strip[20:40, 100:300] = 0
    roomy = with_room(strip)
    assert roomy.shape == (MIN_PX, 400, 3)
    assert (roomy[:59] == strip).all()
    assert (roomy[59:] == 230).all()


def test_a_page_needs_no_more_room() -> None:
    page_pixels = np.zeros((1754, 1240, 3), np.uint8)
    assert with_room(page_pixels) is page_pixels
