"""What a person and an agent are told of the time that is left."""

import pytest

from ocr_mcp.jobs.eta import Pace, duration_text


def after(*times: float, engine_seconds: float = 0.1) -> Pace:
    pace = Pace()
    for time in times:
        pace.page_done(time, engine_seconds=engine_seconds)
    return pace


def steady(seconds: float, *, pages: int) -> Pace:
    return after(*(seconds * page for page in range(1, pages + 1)), engine_seconds=seconds)


def test_before_two_pages_no_time_is_made_up() -> None:
    """The first one also waits for the model to be loaded."""
    assert after().describe(0, 300) == "page 1/300"
    assert after(60.0).describe(1, 300) == "page 2/300"


def test_pace_and_time_left() -> None:
    assert steady(4.0, pages=11).describe(11, 300) == "page 12/300, 4.0 s a page, 19 min left"
    assert steady(0.5, pages=2).describe(2, 3) == "page 3/3, 0.5 s a page, 1 s left"
    assert steady(60.0, pages=2).describe(2, 300) == "page 3/300, 60.0 s a page, 4 h 58 min left"


def test_a_pause_is_not_counted() -> None:
    pace = steady(1.0, pages=2)
    pace.start(1000.0)
    for time in (1003.0, 1006.0):
        pace.page_done(time, engine_seconds=3.0)
    assert pace.seconds_for(1) == 3.0


def test_at_the_end_nothing_is_left() -> None:
    assert steady(1.0, pages=2).describe(2, 2) == "page 2/2"


def test_pages_that_finish_together_do_not_fake_the_pace() -> None:
    """Four slots of 5 s: four pages within a moment, every 5 seconds."""
    pace = after(*(5.0 * burst + 0.01 * page for burst in range(1, 4) for page in range(4)), engine_seconds=5.0)
    assert pace.pages_per_minute == pytest.approx(48, rel=0.02)  # pyright: ignore[reportUnknownMemberType]  incomplete types


def test_only_the_last_minute_counts() -> None:
    pace = steady(1.0, pages=100)
    for page in range(20):
        pace.page_done(110.0 + 10 * page, engine_seconds=10.0)
    assert pace.pages_per_minute == pytest.approx(6, rel=0.02)  # pyright: ignore[reportUnknownMemberType]  incomplete types


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (7.4, "7 s"), (99, "99 s"), (150, "2 min"), (5900, "98 min"), (7500, "2 h 5 min")],
)
def test_a_time_is_said_as_people_say_it(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
