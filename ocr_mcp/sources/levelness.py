# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Pillow's pixel types are partly unknown: what a pixel is depends on the mode.
"""Whether the lines of a page look level, by its lightness alone. Only the worker's process imports this."""

import io
import math
from typing import cast

from PIL import Image

from ocr_mcp.sources.picture_pages import DECODE_ERRORS

SHORT_EDGE_PX = 150
"""Of the picture that is looked at, at least. A JPEG is decoded at an eighth, a quarter or half of its size for it."""
STRIPES = 8


def levelness(jpeg: bytes) -> float | None:
    """How much more the lightness changes from top to bottom than from left to right: well over 1 on a page of lines.

    Takes 4 ms for a scan of 200 dpi. None for a picture that cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            shrink = SHORT_EDGE_PX / min(picture.size)
            picture.draft("L", (math.ceil(picture.width * shrink), math.ceil(picture.height * shrink)))
            levels = picture.convert("L").convert("F")
    except DECODE_ERRORS:
        return None
    return _roughness(levels) / (_roughness(levels.transpose(Image.Transpose.TRANSPOSE)) + 1e-6)


def _roughness(levels: Image.Image) -> float:
    """The mean square step from row to row, in stripes that are narrow enough for columns and crooked scans."""
    stripes = levels.resize((STRIPES, levels.height), Image.Resampling.BOX)
    means = cast("tuple[float, ...]", stripes.get_flattened_data())  # mode F has one number a pixel
    steps = max(1, len(means) - STRIPES)
    return math.dist(means[STRIPES:], means[:-STRIPES]) ** 2 / steps
