"""How much is printed in each row and column of a page: where to cut it. Only the worker's process imports this."""

import io

from PIL import Image

STEPS = 500
"""Rows, and columns, in which the ink is counted."""

_CONTRAST = 60
"""Grey levels by which ink is darker than the paper; less is grain and show-through."""


def ink_of(picture: bytes) -> tuple[list[float], list[float]]:
    """For each of `STEPS` rows from the top, and columns from the left, which part of it is ink (0 to 1)."""
    with Image.open(io.BytesIO(picture)) as decoded:
        grey = decoded.convert("L")
    paper = _paper_level(grey)
    ink = grey.point([255 if level < paper - _CONTRAST else 0 for level in range(256)])
    rows = ink.resize((1, STEPS), Image.Resampling.BOX)
    columns = ink.resize((STEPS, 1), Image.Resampling.BOX)
    return [level / 255 for level in rows.tobytes()], [level / 255 for level in columns.tobytes()]


def _paper_level(grey: Image.Image) -> int:
    """The level of most of the light half of the page."""
    counts = grey.histogram()
    half = sum(counts) / 2
    for level in range(255, -1, -1):
        half -= counts[level]
        if half <= 0:
            return level
    return 255
