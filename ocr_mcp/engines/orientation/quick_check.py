"""Whether a page whose lines are known to be level stands plainly upright, in a quarter of the time of a look.

Where lines are level, the rows without ink between them show them: what takes most of a look, finding lines with a
model, is spared. A glance that shows nothing is followed by a look. Only the process that looks runs this.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# cv2 publishes no complete types.

from collections.abc import Iterator, Sequence
from statistics import median

import cv2
import numpy as np

from ocr_mcp.engines.orientation.models import Box, Picture, beginning_of_line, upside_down

LONG_EDGE_PX = 600
"""Of the picture in which lines are looked for: body text is five pixels high there."""
STRIPES = 4
"""In which lines are looked for, side by side: columns have lines of their own, and scans are crooked."""
LINES, MIN_LINES = 8, 4
"""Four lines are classified, and where they do not show it, four others with them."""
PLAINLY_UPRIGHT = 0.1
"""Mean probability of standing upside down. Of 254 level pages that stood upright 94 were below, and none of 388 that
did not (`python -m benchmarks.orientation ../shared/data --level`)."""
_INK = 0.04
"""The part of a row of a stripe that is dark where a line is."""
_LINE_PX = (3, 20)
_ELONGATED = 3.0
_ALIKE = (0.6, 1.7)
"""How high lines of text are at least and at most, in the median's height."""
_MARGIN = 0.35


def is_plainly_upright(picture: Picture) -> bool:
    """False also where no lines can be told apart."""
    pieces = _pieces(picture)
    if len(pieces) < MIN_LINES:
        return False
    first, others = pieces[::2], pieces[1::2]
    if len(pieces) < LINES:
        return upside_down(pieces) < PLAINLY_UPRIGHT
    found = upside_down(first)
    return found < PLAINLY_UPRIGHT or (found + upside_down(others)) / 2 < PLAINLY_UPRIGHT


def _pieces(picture: Picture) -> list[Picture]:
    """The beginnings of some lines, from all over the page."""
    height, width = picture.shape
    scale = LONG_EDGE_PX / max(height, width)
    if scale > 1:  # no page is drawn so small, and its lines would have no pixels to show
        return []
    size = (max(STRIPES, round(width * scale)), max(1, round(height * scale)))
    some = (
        picture[::2, ::2] if 3 * scale <= 1 else picture
    )  # averaging all of a scan takes as long as classifying lines
    small = cv2.resize(some, size, interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    lines = _alike([line for stripe in range(STRIPES) for line in _lines(ink, stripe)])
    chosen = lines[:: max(1, len(lines) // LINES)][:LINES]
    return [beginning_of_line(picture, _enlarged(line, scale), margin=_MARGIN) for line in chosen]


def _lines(ink: Picture, stripe: int) -> Iterator[Box]:
    """Bands of rows with ink in a small picture, as wide as the ink, as far as they may be lines of text."""
    width = ink.shape[1]
    left, right = width * stripe // STRIPES, width * (stripe + 1) // STRIPES
    has_ink = ink[:, left:right].mean(axis=1) > _INK
    edges = np.flatnonzero(np.diff(np.concatenate(([False], has_ink, [False])).astype(np.int8)))
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        if _LINE_PX[0] <= bottom - top <= _LINE_PX[1]:
            dark = np.flatnonzero(ink[top:bottom, left:right].any(axis=0))
            if dark[-1] - dark[0] > _ELONGATED * (bottom - top):
                yield left + int(dark[0]), int(top), int(dark[-1] - dark[0]) + 1, int(bottom - top)


def _alike(lines: Sequence[Box]) -> list[Box]:
    """Those about as high as most: rules, and lines that run together, are not."""
    if not lines:
        return []
    usual = median(line[3] for line in lines)
    return [line for line in lines if _ALIKE[0] * usual <= line[3] <= _ALIKE[1] * usual]


def _enlarged(line: Box, scale: float) -> Box:
    """The place in the picture of what is found in the small one."""
    left, top, width, height = (int(edge / scale) for edge in line)
    return left, top, width, height
