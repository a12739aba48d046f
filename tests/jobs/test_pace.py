"""What a person is told of the time that is left."""

from ocr_mcp.jobs.pace import Pace


def after(*times: float) -> Pace:
    pace = Pace()
    pace.start(0.0)
    for time in times:
        pace.page_ready(time)
    return pace


def test_before_the_first_page_no_time_is_made_up() -> None:
    assert after().describe(0, 300) == "page 1/300"


def test_pace_and_time_left() -> None:
    assert after(*(4.0 * n for n in range(1, 12))).describe(11, 300) == "page 12/300, 4.0 s a page, 19 min left"
    assert after(0.5).describe(1, 3) == "page 2/3, 0.5 s a page, 1 s left"
    assert after(60.0).describe(1, 300) == "page 2/300, 60.0 s a page, 5.0 h left"


def test_only_the_last_pages_count() -> None:
    """Pages from the cache come in no time, and say nothing of those that the model must read."""
    pace = after(*(0.001 * n for n in range(200)))
    for number in range(1, 30):
        pace.page_ready(5.0 * number)
    assert pace.seconds_a_page == 5.0


def test_a_pause_is_not_counted() -> None:
    pace = after(1.0, 2.0)
    pace.start(1000.0)
    pace.page_ready(1003.0)
    assert pace.seconds_a_page == 3.0


def test_at_the_end_nothing_is_left() -> None:
    assert after(1.0, 2.0).describe(2, 2) == "page 2/2"
