# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Pillow's pixel types are partly unknown: what a pixel is depends on the mode.
"""Whether the lines of a page look level, by its lightness alone. Only the worker's process imports this."""

import io
import math
import re
from typing import cast

from PIL import Image

from ocr_mcp.sources.render_worker.picture_pages import DECODE_ERRORS

SHORT_EDGE_PX = 150
"""Of the picture that is looked at, at least. A JPEG is decoded at an eighth, a quarter or half of its size for it."""
STRIPES = 8
UPPER_PART, ENOUGH = 0.25, 3.0
"""How much of a large page is seen first, and the levelness of it that will do: as many pages are level so."""
LARGE_PX = 1_500_000

_FRAME = re.compile(rb"\xff\xc0\x00[\x0b\x11]\x08(..)(..)", re.DOTALL)
"""The beginning of a baseline frame of 8 bits, with its height and width (ITU T.81, B.2.2)."""


def levelness(jpeg: bytes) -> float | None:
    """How much more the lightness changes from top to bottom than from left to right: well over 1 on a page of lines.

    That of the upper part where it is large there already: 1 ms for a scan of 200 dpi, else 5. None for a picture that
    cannot be decoded.
    """
    frame = _FRAME.search(jpeg)
    if frame is not None and (height := int.from_bytes(frame[1], "big")) * int.from_bytes(frame[2], "big") > LARGE_PX:
        # A file that says it is less high: decoding it ends there.
        upper = b"".join((jpeg[: frame.start(1)], int(UPPER_PART * height).to_bytes(2, "big"), jpeg[frame.end(1) :]))
        found = _levelness(upper, height)
        if found is not None and found > ENOUGH:
            return found
    return _levelness(jpeg)


def _levelness(jpeg: bytes, height: int = 0) -> float | None:
    """`height` is that of the whole picture, in pixels, where the file holds a part of it."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
            shrink = SHORT_EDGE_PX / min(picture.width, height or picture.height)
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
