"""Lines of text with their boxes, and the rows that they stand in.

All lengths are in pixels of the picture. Thresholds are multiples of a line's height, so they hold at every resolution.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr_mcp.model.geometry import BoundingBox

CORE_INSET_RATIO, SIDE_INSET_RATIO = 0.25, 0.15
"""Parts of a box's height that are cut off above and below, and left and right, before boxes are compared: the boxes of
text detectors are drawn too large and overlap."""

LONE_LIST_MARKER = re.compile(r"[•◦▪‣·●○■□▢☐☑☒✓–*]|\(?(?:\d{1,3}|[a-zA-Z])[.)]")
"""A line that holds the mark of a list item and nothing else: a bullet, a check box, a number or a letter."""


@dataclass(frozen=True)
class PageLine:
    """A recognized line of text, or a part of one, with its box in pixels of the picture.

    `confidence` is 0 to 1. `weight` is the thickness of the strokes as a part of the box's height. Both are None where
    they were not measured.
    """

    text: str
    box: BoundingBox
    confidence: float | None = None
    weight: float | None = None

    @property
    def middle(self) -> float:
        """The vertical centre in pixels."""
        return (self.box.top + self.box.bottom) / 2

    @property
    def core(self) -> tuple[float, float]:
        """Top and bottom in pixels, without the margin that detectors add."""
        return self.box.top + CORE_INSET_RATIO * self.box.height, self.box.bottom - CORE_INSET_RATIO * self.box.height


PageLines = list[PageLine]
Span = tuple[float, float]
"""Left and right, or start and end, in pixels."""


def measure_body_height(lines: Sequence[PageLine]) -> float:
    """Return the median height of a line in pixels, each line counted once per character; at least 1."""
    weighted = sorted((line.box.height, max(1, len(line.text))) for line in lines)
    half = sum(weight for _, weight in weighted) / 2
    for height, weight in weighted:
        half -= weight
        if half <= 0:
            return max(height, 1.0)
    return 1.0


def group_rows(lines: Iterable[PageLine]) -> list[PageLines]:
    """Group lines that stand side by side: rows from top to bottom, each from left to right."""
    rows: list[PageLines] = []
    for line in sorted(lines, key=lambda line: line.middle):
        # Lines come from top to bottom by their middle, so only the last few rows can still be level with the next
        # line.
        row = next((row for row in reversed(rows[-3:]) if _belongs_to_row(row, line)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    return [sorted(row, key=lambda line: line.box.left) for row in rows]


def _belongs_to_row(row: PageLines, line: PageLine) -> bool:
    """Tell whether a line is level with the nearest member of a row and stands above or below none of its members."""
    nearest = min(row, key=lambda other: abs(other.box.left - line.box.left))
    height = min(nearest.box.height, line.box.height)
    level = abs(nearest.middle - line.middle) < 0.5 * height
    return level and not any(overlap(inner_x(other), inner_x(line)) > 0.3 * height for other in row)


def join_list_markers(lines: PageLines, height: float) -> PageLines:
    """Join bullets and item numbers that were found as boxes of their own to the text that they mark.

    A marker with no text beside it stays a line, at the end. `height` is the body's line height in pixels.
    """
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
    """Tell whether a line begins level with a marker, at most 3 line heights to its right."""
    gap = line.box.left - marker.box.right
    return abs(line.middle - marker.middle) < 0.5 * height and -0.5 * height < gap < 3 * height


def inner_x(line: PageLine) -> Span:
    """Return left and right in pixels without the margin that detectors add."""
    # A single digit in a high box would vanish if its height alone decided.
    side = min(SIDE_INSET_RATIO * line.box.height, line.box.width / 4)
    return line.box.left + side, line.box.right - side


def overlap(a: Span, b: Span) -> float:
    """Return the length that two spans share in pixels; below 0, the distance between them."""
    return min(a[1], b[1]) - max(a[0], b[0])
