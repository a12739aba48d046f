"""Measures how much ink each row and column of a page has, so that a page is cut where it is white.

Only the worker's process imports this module.
"""

import io

from PIL import Image

INK_SAMPLES = 500
"""Number of evenly spaced rows, and of columns, for which the ink is measured."""

_MIN_CONTRAST_LEVELS = 60
"""Grey levels of 255 by which ink is darker than the paper. Smaller differences are grain and show-through."""


def ink_of(picture: bytes) -> tuple[list[float], list[float]]:
    """Return the inked part (0 to 1) of each of `INK_SAMPLES` rows, from the top, and columns, from the left.

    `picture` is an encoded picture.
    """
    with Image.open(io.BytesIO(picture)) as decoded:
        grey = decoded.convert("L")
    paper = _find_paper_level(grey)
    ink = grey.point([255 if level < paper - _MIN_CONTRAST_LEVELS else 0 for level in range(256)])
    rows = ink.resize((1, INK_SAMPLES), Image.Resampling.BOX)
    columns = ink.resize((INK_SAMPLES, 1), Image.Resampling.BOX)
    return [level / 255 for level in rows.tobytes()], [level / 255 for level in columns.tobytes()]


def _find_paper_level(grey: Image.Image) -> int:
    """Return the median grey level of the page (0 to 255), which is the paper's: ink covers less than half a page."""
    counts = grey.histogram()
    half = sum(counts) / 2
    for level in range(255, -1, -1):
        half -= counts[level]
        if half <= 0:
            return level
    return 255
