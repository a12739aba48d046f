"""Converts boxes from the models' coordinates to page units.

DeepSeek-OCR writes whole numbers from 0 to 999 on each axis of the picture that was sent, whatever its shape.
"""

import re

from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, ordered_box
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.parsed import Issues, excerpt, issue

SCALE = 999
"""Largest coordinate: the right or lower edge of the picture. Larger ones are clamped."""

Corners = tuple[int, int, int, int]

_BOX = re.compile(r"\[\s*(-?\d{1,9}(?:\.\d*)?(?:\s*,\s*-?\d{1,9}(?:\.\d*)?)*)\s*,?\s*\]")


def read_corners(text: str) -> tuple[tuple[Corners, ...], bool]:
    """Read the boxes of `[[x1, y1, x2, y2], …]`. The second value is True if all in it are boxes of four numbers."""
    lists = [[int(float(number)) for number in match[1].split(",")] for match in _BOX.finditer(text)]
    boxes = tuple((box[0], box[1], box[2], box[3]) for box in lists if len(box) == 4)
    leftover = re.search(r"\d", _BOX.sub("", text))
    return boxes, bool(boxes) and len(boxes) == len(lists) and not leftover


def place(corners: Corners, image: PageView) -> BoundingBox:
    """Convert a box of the picture to page units. It is clamped to the picture; swapped corners are put in order."""
    x1, y1, x2, y2 = (min(max(value, 0), SCALE) for value in corners)
    region = image.region
    return ordered_box(
        region.left + x1 * region.width / SCALE,
        region.top + y1 * region.height / SCALE,
        region.left + x2 * region.width / SCALE,
        region.top + y2 * region.height / SCALE,
    )


def place_all(text: str, image: PageView) -> tuple[tuple[BoundingBox, ...], Issues]:
    """Convert all boxes of a list to page units. What is no box, or has no area, is dropped with an issue."""
    corners, complete = read_corners(text)
    boxes = tuple(box for box in (place(box, image) for box in corners) if box.area > 0)
    if complete and len(boxes) == len(corners):
        return boxes, ()
    return boxes, (issue(IssueCode.BAD_BOX, f"A region has a box that means nothing: {excerpt(text)}"),)
