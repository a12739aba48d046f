"""Splits lines that the detector took for one although a gutter between columns runs through them.

Where columns stand close, as in papers set in two, its boxes reach across. A gutter differs from the space between two
words because the lines above and below leave the same white.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false
# cv2 publishes no complete types.

from collections.abc import Sequence
from typing import Any

Box = Sequence[float]
"""Left, top, right, bottom in pixels."""

Stretch = tuple[float, float]
"""Left and right in pixels."""

MARGIN_SHARE = 0.12
"""Margin that a detector leaves around text, in heights of the line."""

MIN_CONTRAST_LEVELS = 40
"""Grey levels by which ink is darker than the paper around it."""

PAPER_KERNEL_PX = 41
"""Wider than strokes, so that a closing of this size leaves the paper."""

MIN_GUTTER_HEIGHTS = 0.4
"""Least width of a gutter, in heights of the line: word spaces of justified text are as wide, but not aligned."""

REACH_HEIGHTS = 10.0
"""Line heights above and below, together, that must be as white: some eight lines."""

MIN_SUPPORT_LINES = 5
"""Lines of about the same height that must stand on each side of a gutter, beside the one that is split."""

MIN_COLUMN_HEIGHTS = 2.0
"""Least width of a column, in heights of the line."""

MAX_SPECK_SHARE = 0.004
"""Part of a gutter's length that dirt may fill."""


def ink_of(grey: Any, rules: Sequence[Box]) -> Any:
    """Return a summed-area table of a picture's ink, without its ruling lines."""
    import cv2
    import numpy as np

    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((PAPER_KERNEL_PX, PAPER_KERNEL_PX), np.uint8))
    ink = ((paper - grey) > MIN_CONTRAST_LEVELS).astype(np.uint8)
    for left, top, right, bottom in rules:
        ink[max(0, int(top) - 1) : int(bottom) + 1, max(0, int(left) - 1) : int(right) + 1] = 0
    return cv2.integral(ink)


def gutters_through(sums: Any, box: Box, boxes: Sequence[Box]) -> list[Stretch]:
    """Return the white gaps at which a line falls apart, from the left.

    `sums` is the result of `ink_of`, `boxes` are all lines of the page.
    """
    height = box[3] - box[1]
    if box[2] - box[0] < 8 * height:
        return []
    found: list[Stretch] = []
    for above in (0.5, 0.0, 1.0):
        top, bottom = box[1] - above * REACH_HEIGHTS * height, box[3] + (1 - above) * REACH_HEIGHTS * height
        beside = [other for other in boxes if other is not box and _is_beside(other, top, bottom, height)]
        for start, end in _white(sums, box[0], top, box[2], bottom, MIN_GUTTER_HEIGHTS * height):
            if _is_supported(start, end, box, beside) and not any(start < b and a < end for a, b in found):
                found.append((start, end))
    return sorted(found)


def _is_beside(other: Box, top: float, bottom: float, height: float) -> bool:
    return top <= (other[1] + other[3]) / 2 <= bottom and 0.6 * height < other[3] - other[1] < 1.6 * height


def _white(sums: Any, left: float, top: float, right: float, bottom: float, least: float) -> list[Stretch]:
    """Return the stretches that stay white from top to bottom."""
    import numpy as np

    rows, columns = sums.shape
    y0, y1 = max(0, int(top)), min(rows - 1, int(bottom))
    x0, x1 = max(0, int(left)), min(columns - 1, int(right))
    if y1 <= y0 or x1 <= x0:
        return []
    inked = np.diff(sums[y1, x0 : x1 + 1] - sums[y0, x0 : x1 + 1]) > MAX_SPECK_SHARE * (y1 - y0)
    edges = np.flatnonzero(np.diff(np.concatenate(([True], inked, [True])).astype(np.int8)))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(x0 + float(start), x0 + float(end)) for start, end in pairs if end - start >= least]


def _is_supported(start: float, end: float, box: Box, beside: Sequence[Box]) -> bool:
    """Return True if the line and enough of its neighbours have text on both sides."""
    least = MIN_COLUMN_HEIGHTS * (box[3] - box[1])
    if min(start - box[0], box[2] - end) < least:
        return False
    left = sum(min(other[2], start) - max(other[0], box[0]) >= least for other in beside)
    right = sum(min(other[2], box[2]) - max(other[0], end) >= least for other in beside)
    return min(left, right) >= MIN_SUPPORT_LINES


def parts_of(box: Box, gutters: Sequence[Stretch]) -> list[list[float]]:
    """Return the parts of a box between its gutters, each with the margin that a detector leaves around text."""
    margin = MARGIN_SHARE * (box[3] - box[1])
    starts = [box[0], *(end - min(margin, (end - start) / 3) for start, end in gutters)]
    ends = [*(start + min(margin, (end - start) / 3) for start, end in gutters), box[2]]
    return [[round(left, 1), box[1], round(right, 1), box[3]] for left, right in zip(starts, ends, strict=True)]
