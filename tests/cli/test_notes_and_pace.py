"""What is said in few words about many pages."""

import pytest

from ocr_mcp.batch.summary import Note, Notes, pages_text
from ocr_mcp.cli.progress import Lines, pace_text
from ocr_mcp.jobs.eta import Pace
from ocr_mcp.model.documents import PageFailure


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([2], "page 2"), ([3, 8, 7, 9], "pages 3, 7-9"), ([1, 2], "pages 1-2"), ([5, 3], "pages 3, 5")],
)
def test_pages_are_said_in_ranges(numbers: list[int], text: str) -> None:
    assert pages_text(numbers) == text


def test_a_reason_that_differs_only_in_its_own_page_is_said_once() -> None:
    notes = Notes()
    for number in (3, 4):
        notes.add(number, "UNRENDERABLE", f"Page {number} made the renderer fail. Print page {number} anew.")
    notes.add(7, "UNRENDERABLE", "Page 7 could not be drawn within 20 s.")
    assert list(notes) == [
        Note((3, 4), "UNRENDERABLE", "The page made the renderer fail. Print the page anew."),
        Note((7,), "UNRENDERABLE", "Page 7 could not be drawn within 20 s."),
    ]


def test_hundreds_of_different_reasons_do_not_fill_the_terminal() -> None:
    notes = Notes()
    for number in range(1, 301):
        notes.add(number, "ENGINE_REFUSED", f"The engine said {number * 7}.")
    assert len(list(notes)) == 13
    assert list(notes)[-1] == Note(tuple(range(13, 301)), "ENGINE_REFUSED", "")


def test_the_pace_is_that_of_the_pages_read_now() -> None:
    """150 pages come from the cache at once; the rest takes 5 s each, after 20 s for loading the model."""
    pace = Pace()
    for page in range(150):
        pace.page_done(0.005 * page, engine_seconds=5.0)
    assert pace_text(pace, 150) == ""
    for page in range(10):
        pace.page_done(20 + 5.0 * page, engine_seconds=20.0 if page == 0 else 5.0)
    assert pace_text(pace, 140) == "12 pages/min, 12 min left"


def test_without_a_terminal_there_is_a_line_every_half_minute(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    lines = Lines("big.pdf", 14, clock=lambda: now)
    for number in range(1, 15):
        now += 5
        lines.page_done(PageFailure(number=number, code="CORRUPT", reason="", hint=""))
    assert capsys.readouterr().err.splitlines() == [
        "ocr-mcp: big.pdf: 6/14 pages, 6 failed",
        "ocr-mcp: big.pdf: 12/14 pages, 12 failed",
    ]
