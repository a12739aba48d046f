"""Lines as they lie on the page.

All lengths are in pixels of the picture, compared with the height of the body's lines, never absolute.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr_mcp.model.geometry import BoundingBox

CORE_INSET_RATIO, SIDE_INSET_RATIO = 0.25, 0.15
"""How much of a box, in its height, is shaved off above and below, left and right: detectors' boxes overlap."""

LONE_LIST_MARKER = re.compile(r"[•◦▪‣·●○■□▢☐☑☒✓–*]|\(?(?:\d{1,3}|[a-zA-Z])[.)]")
"""A line that is nothing but the mark of a list item."""


@dataclass(frozen=True)
class PageLine:
    """A recognised line, or a part of one.

    `confidence` is 0 to 1, `weight` the thickness of its strokes in heights of the box; None if not measured.
    """

    text: str
    box: BoundingBox
    confidence: float | None = None
    weight: float | None = None

    @property
    def middle(self) -> float:
        """The vertical centre."""
        return (self.box.top + self.box.bottom) / 2

    @property
    def core(self) -> tuple[float, float]:
        """Top and bottom without the margin that detectors add."""
        return self.box.top + CORE_INSET_RATIO * self.box.height, self.box.bottom - CORE_INSET_RATIO * self.box.height


PageLines = list[PageLine]
Span = tuple[float, float]


def measure_body_height(lines: Sequence[PageLine]) -> float:
    """The median height of a line, every character counting once."""
    weighted = sorted((line.box.height, max(1, len(line.text))) for line in lines)
    half = sum(weight for _, weight in weighted) / 2
    for height, weight in weighted:
        half -= weight
        if half <= 0:
            return max(height, 1.0)
    return 1.0


def group_rows(lines: Iterable[PageLine]) -> list[PageLines]:
    """Lines that stand side by side, as rows from top to bottom, each from left to right."""
    rows: list[PageLines] = []
    for line in sorted(lines, key=lambda line: line.middle):
        row = next((row for row in reversed(rows[-3:]) if _belongs_to_row(row, line)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    return [sorted(row, key=lambda line: line.box.left) for row in rows]


def _belongs_to_row(row: PageLines, line: PageLine) -> bool:
    """Whether a line stands in a row: level with its nearest member, and not above or below any."""
    nearest = min(row, key=lambda other: abs(other.box.left - line.box.left))
    height = min(nearest.box.height, line.box.height)
    level = abs(nearest.middle - line.middle) < 0.5 * height
    return level and not any(overlap(inner_x(other), inner_x(line)) > 0.3 * height for other in row)


def join_list_markers(lines: PageLines, height: float) -> PageLines:
    """Bullets and item numbers that were found as boxes of their own, put before the text that they mark."""
    markers = [line for line in lines if LONE_LIST_MARKER.fullmatch(line.text)]
    joined = [line for line in lines if line not in markers]
    for marker in markers:
        beside = [line for line in joined if _is_marked_by(marker, line, height)]
        if not beside:
            joined.append(marker)
            continue
        text = min(beside, key=lambda line: line.box.left)
        joined[joined.index(text)] = PageLine(f"{marker.text} {text.text}", text.box.union(marker.box), text.confidence)
    return joined


def _is_marked_by(marker: PageLine, line: PageLine, height: float) -> bool:
    gap = line.box.left - marker.box.right
    return abs(line.middle - marker.middle) < 0.5 * height and -0.5 * height < gap < 3 * height


def inner_x(line: PageLine) -> Span:
    """Left and right without the margin that detectors add."""
    side = min(SIDE_INSET_RATIO * line.box.height, line.box.width / 4)
    return line.box.left + side, line.box.right - side


def overlap(a: Span, b: Span) -> float:
    """How far two spans overlap; below 0, how far apart they are."""
    return min(a[1], b[1]) - max(a[0], b[0])
