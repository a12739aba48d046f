"""Sees that a page whose lines are known to be level stands plainly upright, in a quarter of the time of a look.

Where lines are level, the rows of pixels without ink between them part them, so that no model has to find the lines,
which takes most of a look. A check that shows nothing is followed by a look. Runs in the orientation worker only.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# cv2 publishes no complete types.

from collections.abc import Iterator, Sequence
from statistics import median

import cv2
import numpy as np

from ocr_mcp.engines.orientation.models import Box, Picture, beginning_of_line, upside_down

LONG_EDGE_PX = 600
"""Long edge of the picture in which lines are found: body text is five pixels high there."""
STRIPE_COUNT = 4
"""Stripes side by side in which lines are found: columns have lines of their own, and scans are crooked."""
MAX_LINES, MIN_LINES = 8, 4
"""Four lines are classified, and where they leave a doubt, four more."""
MAX_UPRIGHT_PROBABILITY = 0.1
"""Mean probability of standing upside down below which a page is upright.

Of 254 level pages that stood upright 94 were below, and none of 388 that did not (`python -m benchmarks.orientation
../shared/data --level`).
"""
_MIN_INK_SHARE = 0.04
"""Share of the pixels across a stripe that are dark where a line is."""
_LINE_HEIGHTS_PX = (3, 20)
_MIN_LINE_RATIO = 3.0
_ALIKE_HEIGHTS = (0.6, 1.7)
"""Least and greatest height of a line of text, in the median's height."""
_MARGIN_HEIGHTS = 0.35


def is_plainly_upright(picture: Picture) -> bool:
    """Return True if the page is surely upright; False also where no lines can be told apart."""
    pieces = _pieces(picture)
    if len(pieces) < MIN_LINES:
        return False
    first, others = pieces[::2], pieces[1::2]
    if len(pieces) < MAX_LINES:
        return upside_down(pieces) < MAX_UPRIGHT_PROBABILITY
    found = upside_down(first)
    return found < MAX_UPRIGHT_PROBABILITY or (found + upside_down(others)) / 2 < MAX_UPRIGHT_PROBABILITY


def _pieces(picture: Picture) -> list[Picture]:
    """Return the beginnings of some lines, from all over the page."""
    height, width = picture.shape
    scale = LONG_EDGE_PX / max(height, width)
    if scale > 1:  # no page is drawn so small, and its lines would have no pixels to show
        return []
    size = (max(STRIPE_COUNT, round(width * scale)), max(1, round(height * scale)))
    some = (
        picture[::2, ::2] if 3 * scale <= 1 else picture
    )  # averaging all of a scan takes as long as classifying lines
    small = cv2.resize(some, size, interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    lines = _alike([line for stripe in range(STRIPE_COUNT) for line in _lines(ink, stripe)])
    chosen = lines[:: max(1, len(lines) // MAX_LINES)][:MAX_LINES]
    return [beginning_of_line(picture, _enlarged(line, scale), margin=_MARGIN_HEIGHTS) for line in chosen]


def _lines(ink: Picture, stripe: int) -> Iterator[Box]:
    """Yield bands of ink in a stripe of a small picture, as wide as the ink, that may be lines of text."""
    width = ink.shape[1]
    left, right = width * stripe // STRIPE_COUNT, width * (stripe + 1) // STRIPE_COUNT
    has_ink = ink[:, left:right].mean(axis=1) > _MIN_INK_SHARE
    edges = np.flatnonzero(np.diff(np.concatenate(([False], has_ink, [False])).astype(np.int8)))
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        if _LINE_HEIGHTS_PX[0] <= bottom - top <= _LINE_HEIGHTS_PX[1]:
            dark = np.flatnonzero(ink[top:bottom, left:right].any(axis=0))
            if dark[-1] - dark[0] > _MIN_LINE_RATIO * (bottom - top):
                yield left + int(dark[0]), int(top), int(dark[-1] - dark[0]) + 1, int(bottom - top)


def _alike(lines: Sequence[Box]) -> list[Box]:
    """Return the lines about as high as most, which leaves out rules and lines that run together."""
    if not lines:
        return []
    usual = median(line[3] for line in lines)
    return [line for line in lines if _ALIKE_HEIGHTS[0] * usual <= line[3] <= _ALIKE_HEIGHTS[1] * usual]


def _enlarged(line: Box, scale: float) -> Box:
    """Return the box in the picture of a line found in the small one."""
    left, top, width, height = (int(edge / scale) for edge in line)
    return left, top, width, height
