"""What the embedded engine's process sees beside letters, on pictures drawn here."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# cv2 publishes no complete types.

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr_mcp.engines.embedded.marks import bullet, ruling_lines, weight

Picture = NDArray[np.uint8]

LINE = [100.0, 100.0, 400.0, 130.0]
"""Where the text stands in these pictures."""


def paper(level: int = 255) -> Picture:
    return np.full((300, 600), level, np.uint8)


def written(picture: Picture, *, thickness: int = 2, ink: int = 0) -> Picture:
    """Upright strokes in the place of letters."""
    for left in range(104, 396, 12):
        picture[104:126, left : left + thickness] = ink
    return picture


def drawn(*boxes: Sequence[int], ink: int = 0, on: int = 255) -> Picture:
    picture = paper(on)
    for left, top, right, bottom in boxes:
        picture[top:bottom, left:right] = ink
    return picture


def test_rules_are_found_flat_and_upright() -> None:
    rules = ruling_lines(drawn((50, 80, 550, 82), (300, 40, 303, 260)), [])
    assert sorted(rules) == [[50, 80, 550, 82], [300, 40, 303, 260]]


def test_a_hairline_in_light_grey_on_a_tinted_page_is_found() -> None:
    assert ruling_lines(drawn((50, 80, 550, 81), ink=190, on=230), []) == [[50, 80, 550, 81]]


def test_a_rule_on_a_page_that_lies_askew_is_one() -> None:
    picture = paper()
    cv2.line(picture, (50, 80), (550, 88), 0, 2)
    ((left, top, right, bottom),) = ruling_lines(picture, [])
    assert (left, right) == (pytest.approx(50, abs=3), pytest.approx(550, abs=3))
    assert (top, bottom) == (pytest.approx(79, abs=2), pytest.approx(90, abs=2))


def test_strokes_of_letters_and_thick_bars_are_no_rules() -> None:
    large = drawn((110, 105, 150, 108), (200, 50, 500, 75))
    assert ruling_lines(large, [LINE]) == []


def test_two_rules_with_a_gap_between_them_stay_two() -> None:
    assert len(ruling_lines(drawn((50, 80, 250, 82), (258, 80, 500, 82)), [])) == 2


@pytest.mark.parametrize(("ink", "on"), [(0, 255), (255, 30)])
def test_bold_strokes_weigh_more_dark_on_light_and_light_on_dark(ink: int, on: int) -> None:
    regular = weight(written(paper(on), thickness=2, ink=ink), LINE)
    bold = weight(written(paper(on), thickness=4, ink=ink), LINE)
    assert regular is not None
    assert bold is not None
    assert bold > 1.3 * regular


def test_white_paper_has_no_weight() -> None:
    assert weight(paper(), LINE) is None


def test_a_round_blot_before_a_line_is_its_bullet() -> None:
    picture = written(paper())
    cv2.circle(picture, (70, 115), 4, 0, -1)
    assert bullet(picture, LINE, []) == [66, 111, 75, 120]


def test_nothing_or_a_dash_or_two_blots_are_no_bullet() -> None:
    dash = written(drawn((60, 113, 80, 116)))
    two = written(drawn((60, 110, 68, 118), (80, 110, 88, 118)))
    assert [bullet(picture, LINE, []) for picture in (written(paper()), dash, two)] == [None, None, None]


def test_a_blot_beside_which_other_text_stands_is_no_bullet() -> None:
    picture = written(drawn((66, 111, 74, 119)))
    assert bullet(picture, LINE, [[20, 100, 60, 130]]) is None
