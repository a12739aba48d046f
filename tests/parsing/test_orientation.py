"""When a page is turned: only where most of its lines read well so, and badly the other way round."""

import pytest

from ocr_mcp.model.orientation import PageLook
from ocr_mcp.model.turning import Turn
from ocr_mcp.parsing.layout.orientation import judge_orientation

WELL, BADLY = (0.98, 0.55), (0.55, 0.98)


def look(
    *readings: tuple[float, float], level: float = 0.0, sideways: float = 0.0, upside_down: float = 0.0
) -> PageLook:
    return PageLook(level=level, sideways=sideways, upside_down=upside_down, readings=readings)


@pytest.mark.parametrize(
    ("seen", "turn"),
    [
        (look(level=9), Turn.NONE),
        (look(WELL, WELL, level=9, upside_down=0.3), Turn.NONE),
        (look(BADLY, BADLY, level=9, upside_down=0.9), Turn.HALF),
        (look(WELL, WELL, sideways=9, upside_down=0.1), Turn.LEFT),
        (look(BADLY, BADLY, sideways=9, upside_down=0.9), Turn.RIGHT),
    ],
)
def test_lines_say_how_the_page_is_to_be_turned(seen: PageLook, turn: Turn) -> None:
    found = judge_orientation(seen)
    assert found.turn is turn
    assert (f"by {int(turn)} degrees" in found.reason) == bool(turn)


@pytest.mark.parametrize(
    "seen",
    [
        look((0.99, 0.6), (0.99, 0.6), (0.3, 0.5), (0.99, 0.6), sideways=9, upside_down=0.1),
        look(WELL, WELL, WELL, sideways=9, upside_down=0.6),
    ],
    ids=["a line that reads in neither way", "the classifier says otherwise, and all lines agree"],
)
def test_most_lines_outweigh_what_says_nothing(seen: PageLook) -> None:
    assert judge_orientation(seen).turn is Turn.LEFT


def test_vertical_script_whose_characters_read_as_they_stand_is_upright() -> None:
    seen = look((0.95, 0.4), sideways=9).model_copy(update={"standing": 0.99})
    found = judge_orientation(seen)
    assert found.turn is Turn.NONE
    assert "character under character" in found.reason


def test_sideways_lines_that_read_in_neither_way_leave_the_page_as_it_is() -> None:
    found = judge_orientation(look((0.3, 0.4), (0.5, 0.2), sideways=9, upside_down=0.5))
    assert found.turn is Turn.NONE
    assert "was taken to be upright" in found.reason


def test_a_page_with_a_sideways_table_is_upright_where_half_of_it_is() -> None:
    assert judge_orientation(look(WELL, level=5, sideways=6)).turn is Turn.NONE


def test_a_page_that_is_mostly_a_sideways_table_is_turned() -> None:
    assert judge_orientation(look(WELL, level=1, sideways=6)).turn is Turn.LEFT


@pytest.mark.parametrize(
    "seen",
    [
        look(BADLY, level=0.1, upside_down=0.9),
        look((0.9, 0.8), sideways=9, upside_down=0.1),
        look((0.6, 0.8), level=9, upside_down=0.9),
        look(BADLY, level=9, upside_down=0.3),
        look((0.3, 0.9), (0.2, 0.3), (0.4, 0.1), level=9, upside_down=0.9),
        look(BADLY, BADLY, WELL, level=9, upside_down=0.3),
    ],
    ids=[
        "one word",
        "reads both ways",
        "reads badly",
        "the classifier says otherwise",
        "one line of three",
        "two minds",
    ],
)
def test_a_page_without_clear_evidence_stays_as_it_is(seen: PageLook) -> None:
    assert judge_orientation(seen).turn is Turn.NONE
