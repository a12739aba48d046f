"""Converts boxes from the models' coordinates to page units.

Coordinates count from 0 to the `box_scale` of the model family on each axis of the picture that was sent.
"""

import re

from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, ordered_box
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.parsed import Issues, excerpt, issue

Corners = tuple[int, int, int, int]

_BOX = re.compile(r"\[\s*(-?\d{1,9}(?:\.\d*)?(?:\s*,\s*-?\d{1,9}(?:\.\d*)?)*)\s*,?\s*\]")


def read_corners(text: str) -> tuple[tuple[Corners, ...], bool]:
    """Return the boxes of `[[x1, y1, x2, y2], …]`, and True if everything in it was a box of four numbers."""
    lists = [[int(float(number)) for number in match[1].split(",")] for match in _BOX.finditer(text)]
    boxes = tuple((box[0], box[1], box[2], box[3]) for box in lists if len(box) == 4)
    leftover = re.search(r"\d", _BOX.sub("", text))
    return boxes, bool(boxes) and len(boxes) == len(lists) and not leftover


def place(corners: Corners, image: PageView, *, scale: int) -> BoundingBox:
    """Return a box of the picture in page units, clamped, its corners in order."""
    x1, y1, x2, y2 = (min(max(value, 0), scale) for value in corners)
    region = image.region
    return ordered_box(
        region.left + x1 * region.width / scale,
        region.top + y1 * region.height / scale,
        region.left + x2 * region.width / scale,
        region.top + y2 * region.height / scale,
    )


def place_all(text: str, image: PageView, *, scale: int) -> tuple[tuple[BoundingBox, ...], Issues]:
    """Return all boxes of a box list on the page. Those without area are dropped, which is an issue."""
    corners, complete = read_corners(text)
    boxes = tuple(box for box in (place(box, image, scale=scale) for box in corners) if box.area > 0)
    if complete and len(boxes) == len(corners):
        return boxes, ()
    return boxes, (issue(IssueCode.BAD_BOX, f"A region has a box that means nothing: {excerpt(text)}"),)
