"""Where a page is cut."""

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.ink import PageInk
from ocr_mcp.pipeline.cutting import OVERLAP_RATIO, split_area

AREA = BoundingBox(left=0, top=0, right=1000, bottom=2000)
PRINTED = (0.2,) * 500


def printed_but(*white: range) -> tuple[float, ...]:
    return tuple(0.0 if any(step in gap for gap in white) else 0.2 for step in range(500))


def edges(parts: tuple[BoundingBox, ...]) -> list[tuple[float, float]]:
    return [(round(part.top), round(part.bottom)) for part in parts]


def test_parts_meet_in_white_space_near_the_middle() -> None:
    ink = PageInk(rows=printed_but(range(270, 280)), columns=PRINTED)
    assert edges(split_area(AREA, (1, 2), ink)) == [(0, 1100), (1100, 2000)]


def test_the_widest_white_band_is_taken() -> None:
    ink = PageInk(rows=printed_but(range(230, 235), range(260, 280)), columns=PRINTED)
    assert edges(split_area(AREA, (1, 2), ink)) == [(0, 1080), (1080, 2000)]


def test_parts_overlap_where_all_is_printed() -> None:
    upper, lower = split_area(AREA, (1, 2), PageInk(rows=PRINTED, columns=PRINTED))
    assert upper.bottom - lower.top > 1.9 * OVERLAP_RATIO * AREA.height


def test_white_space_far_from_the_middle_is_not_used() -> None:
    upper, lower = split_area(AREA, (1, 2), PageInk(rows=printed_but(range(50, 100)), columns=PRINTED))
    assert upper.bottom > lower.top


def test_quarters_are_in_the_order_of_reading_and_cover_the_area() -> None:
    parts = split_area(AREA, (2, 2), PageInk(rows=PRINTED, columns=printed_but(range(245, 255))))
    assert [(part.left, part.right) for part in parts] == [(0, 500), (500, 1000)] * 2
    assert (parts[0].top, parts[3].bottom) == (0, 2000)
