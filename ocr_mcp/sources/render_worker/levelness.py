# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Pillow's pixel types are partly unknown, because the type of a pixel depends on the mode.
"""Measures by lightness alone if the lines of text on a page are level.

Only the worker's process imports this module.
"""

import io
import math
import re
from typing import cast

from PIL import Image

from ocr_mcp.sources.render_worker.picture_pages import DECODE_ERRORS

MIN_SHORT_EDGE_PX = 150
"""Shortest allowed edge of the picture that is measured.

A larger JPEG is decoded at an eighth, a quarter or half of its size, which costs far less than decoding all of it.
"""
STRIPE_COUNT = 8
"""Number of vertical stripes whose mean lightness is compared from row to row."""
UPPER_FRACTION, SUFFICIENT_LEVELNESS = 0.25, 3.0
"""Part of a large page's height that is measured first, and the levelness there above which that result is returned.

With this limit as many pages are found level as when the whole page is measured.
"""
LARGE_PAGE_PIXELS = 1_500_000
"""Number of pixels above which only the upper part of a page is measured first."""

_FRAME = re.compile(rb"\xff\xc0\x00[\x0b\x11]\x08(..)(..)", re.DOTALL)
"""The header of a baseline frame of 8 bits; its groups are the height and the width (ITU T.81, B.2.2)."""


def levelness(jpeg: bytes) -> float | None:
    """Return how much more the lightness of a JPEG changes from top to bottom than from left to right.

    The ratio is well over 1 on a page of level lines. On a large page the upper part alone is measured if it is level
    already; that takes 1 ms for a scan of 200 dpi, and 5 ms otherwise. None is returned for a picture that cannot be
    decoded.
    """
    frame = _FRAME.search(jpeg)
    height, width = (int.from_bytes(edge, "big") for edge in frame.groups()) if frame else (0, 0)
    if frame and height * width > LARGE_PAGE_PIXELS:
        # The height in the frame header is lowered, so that the decoder stops there.
        upper_height = int(UPPER_FRACTION * height).to_bytes(2, "big")
        upper = b"".join((jpeg[: frame.start(1)], upper_height, jpeg[frame.end(1) :]))
        found = _measure_levelness(upper, height)
        if found is not None and found > SUFFICIENT_LEVELNESS:
            return found
    return _measure_levelness(jpeg)


def _measure_levelness(jpeg: bytes, height: int = 0) -> float | None:
    """Measure one JPEG file.

    `height` is the height of the whole picture in pixels if the file was cut to its upper part, else 0.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            shrink = MIN_SHORT_EDGE_PX / min(picture.width, height or picture.height)
            picture.draft("L", (math.ceil(picture.width * shrink), math.ceil(picture.height * shrink)))
            levels = picture.convert("L").convert("F")
    except DECODE_ERRORS:
        return None
    return _measure_roughness(levels) / (_measure_roughness(levels.transpose(Image.Transpose.TRANSPOSE)) + 1e-6)


def _measure_roughness(levels: Image.Image) -> float:
    """Return the mean square difference in lightness between a row and the next, over all stripes.

    The stripes are narrow enough for columns of text and for crooked scans.
    """
    stripes = levels.resize((STRIPE_COUNT, levels.height), Image.Resampling.BOX)
    means = cast("tuple[float, ...]", stripes.get_flattened_data())  # mode F has one number a pixel
    steps = max(1, len(means) - STRIPE_COUNT)
    return math.dist(means[STRIPE_COUNT:], means[:-STRIPE_COUNT]) ** 2 / steps
