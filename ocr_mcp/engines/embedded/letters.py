"""Measures the height of a picture's letters, so that the detector sees no more pixels than it needs to find lines.

Lines are found as well where small letters are 7 pixels high as in the whole picture, which is mostly larger by half
(docs/engines.md has the figures). Reading the lines takes all the pixels there are.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# cv2 publishes no complete types.

from typing import Any

ENOUGH_PX = 7.0
"""Height of small letters, without ascenders and descenders, at which the detector finds their lines."""

MIN_SCALE = 0.5
"""Smallest scale, however large the letters are: large headings and pictures stand beside small print."""

LONG_EDGE_PX = (736, 2000)
"""Long edge of the picture that the detector sees: no picture gets smaller than the first, and RapidOCR shows it none
larger than the second.
"""

SMALL_PRINT_PERCENT = 10
"""Percent of all letters that are smaller than the height of small print."""

MIN_LETTERS = 50
"""Fewer letters say nothing about the page."""

HEIGHTS_PX = (5, 80)
"""Heights of letters: smaller ink is dirt or punctuation, larger ink is no letter."""

MIN_CONTRAST_LEVELS = 40
"""Grey levels by which ink is darker than the paper around it."""


def detection_edge_px(grey: Any) -> int | None:
    """Return the long edge in pixels at which a picture's lines are found; None where it must be seen as it is."""
    import cv2
    import numpy as np

    least, most = LONG_EDGE_PX
    edge = max(grey.shape)
    if edge > most:
        grey = cv2.resize(grey, None, fx=most / edge, fy=most / edge, interpolation=cv2.INTER_AREA)
        edge = most
    heights = _letter_heights(grey)
    if edge <= least or len(heights) < MIN_LETTERS:
        return None
    small = np.sort(heights)[
        len(heights) * SMALL_PRINT_PERCENT // 100
    ]  # np.percentile imports more, which a sandbox forbids
    scale = max(MIN_SCALE, ENOUGH_PX / float(small))
    return max(least, round(edge * scale)) if scale < 1 else None


def _letter_heights(grey: Any) -> Any:
    """Return the heights in pixels of all ink shaped like a letter; empty where the paper is dark."""
    import cv2
    import numpy as np

    ink = (_paper(grey).astype(np.int16) - grey > MIN_CONTRAST_LEVELS).astype(np.uint8)
    _, _, found, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = found[1:, cv2.CC_STAT_WIDTH], found[1:, cv2.CC_STAT_HEIGHT], found[1:, cv2.CC_STAT_AREA]
    is_letter = (height >= HEIGHTS_PX[0]) & (height <= HEIGHTS_PX[1])
    is_letter &= (width < 5 * height) & (height < 5 * width) & (area > 0.1 * width * height)
    return height[is_letter]


def _paper(grey: Any) -> Any:
    """Return the paper's lightness at each place, found on a quarter of the size because it changes slowly."""
    import cv2
    import numpy as np

    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return cv2.resize(closed, (grey.shape[1], grey.shape[0]))
