"""Turning a page by quarters and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.turning import Turn, turned_box, turned_size

PAGE = Size(width=600, height=800)
HEADING = BoundingBox(left=50, top=20, right=250, bottom=60)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (Turn.NONE, (50, 20, 250, 60)),
        (Turn.RIGHT, (740, 50, 780, 250)),
        (Turn.HALF, (350, 740, 550, 780)),
        (Turn.LEFT, (20, 350, 60, 550)),
    ],
)
def test_a_heading_goes_where_the_clock_takes_it(turn: Turn, expected: tuple[float, ...]) -> None:
    box = turned_box(HEADING, PAGE, turn)
    assert (box.left, box.top, box.right, box.bottom) == expected


@given(st.sampled_from(Turn), st.tuples(*[st.integers(0, 600)] * 4))
def test_turning_back_undoes_a_turn(turn: Turn, edges: tuple[int, int, int, int]) -> None:
    left, right = sorted(edges[:2])
    top, bottom = sorted(edges[2:])
    box = BoundingBox(left=left, top=top, right=right, bottom=bottom)
    assert turned_box(turned_box(box, PAGE, turn), turned_size(PAGE, turn), turn.back) == box
    assert turned_size(turned_size(PAGE, turn), turn.back) == PAGE
