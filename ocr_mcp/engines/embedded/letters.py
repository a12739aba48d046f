"""How high the letters of a picture are, so that the detector sees no more pixels than it needs to find lines.

Lines are as well found where small letters are 7 pixels high as in the whole picture, which is most of the time larger
by half (docs/engines.md has the figures). Reading them takes all the pixels there are.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# cv2 publishes no complete types.

from typing import Any

ENOUGH_PX = 7.0
"""Height of small letters, without what reaches above and below, at which the detector finds their lines."""

MAX_SHRINKING = 0.5
"""However large the letters are: large headings and pictures stand beside small print."""

LONG_EDGE_PX = (736, 2000)
"""Of the picture that the detector sees: the least that is made smaller, and the most that RapidOCR shows it."""

SMALL = 10
"""Percent of all letters that are smaller than what counts as small print."""

FEWEST = 50
"""Letters that say something about the page."""

HEIGHTS_PX = (5, 80)
"""What is smaller is dirt or punctuation, what is larger no letter."""

CONTRAST = 40
"""Grey levels that ink must be darker than the paper around it."""


def detection_edge_px(grey: Any) -> int | None:
    """The long edge at which the lines of a picture are found; None where it must be seen as it is."""
    import cv2
    import numpy as np

    least, most = LONG_EDGE_PX
    edge = max(grey.shape)
    if edge > most:
        grey = cv2.resize(grey, None, fx=most / edge, fy=most / edge, interpolation=cv2.INTER_AREA)
        edge = most
    heights = _letter_heights(grey)
    if edge <= least or len(heights) < FEWEST:
        return None
    small = np.sort(heights)[len(heights) * SMALL // 100]  # np.percentile imports more, which a sandbox forbids
    scale = max(MAX_SHRINKING, ENOUGH_PX / float(small))
    return max(least, round(edge * scale)) if scale < 1 else None


def _letter_heights(grey: Any) -> Any:
    """Pixels, of all that is inked and has the shape of a letter. Where the paper is dark, nothing has."""
    import cv2
    import numpy as np

    ink = (_paper(grey).astype(np.int16) - grey > CONTRAST).astype(np.uint8)
    _, _, found, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = found[1:, cv2.CC_STAT_WIDTH], found[1:, cv2.CC_STAT_HEIGHT], found[1:, cv2.CC_STAT_AREA]
    is_letter = (height >= HEIGHTS_PX[0]) & (height <= HEIGHTS_PX[1])
    is_letter &= (width < 5 * height) & (height < 5 * width) & (area > 0.1 * width * height)
    return height[is_letter]


def _paper(grey: Any) -> Any:
    """Its lightness at each place, found on a quarter of the size: it changes slowly."""
    import cv2
    import numpy as np

    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return cv2.resize(closed, (grey.shape[1], grey.shape[0]))
