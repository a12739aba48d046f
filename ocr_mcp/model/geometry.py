"""Sizes and boxes on a page.

The origin is the top left corner, and y points down. The unit is PDF points for PDFs and pixels, after EXIF rotation,
for pictures; see `PageUnit`.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the immutable values that modules pass to each other. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PageUnit(StrEnum):
    """The unit of a page's size and boxes."""

    POINT = "pt"
    PIXEL = "px"


class Size(Frozen):
    """Width and height in page units, both above 0."""

    width: float
    height: float


class BoundingBox(Frozen):
    """A rectangle in page units with left <= right and top <= bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Distance from left to right, in page units."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Distance from top to bottom, in page units."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Area in square page units."""
        return self.width * self.height

    def clamped(self, size: Size) -> "BoundingBox":
        """Return the part of this box that lies on a page of `size`."""
        return BoundingBox(
            left=min(max(self.left, 0.0), size.width),
            top=min(max(self.top, 0.0), size.height),
            right=min(max(self.right, 0.0), size.width),
            bottom=min(max(self.bottom, 0.0), size.height),
        )

    def union(self, other: "BoundingBox") -> "BoundingBox":
        """Return the smallest box that contains this one and `other`."""
        return BoundingBox(
            left=min(self.left, other.left),
            top=min(self.top, other.top),
            right=max(self.right, other.right),
            bottom=max(self.bottom, other.bottom),
        )

    def expanded(self, fraction: float) -> "BoundingBox":
        """Return this box with a margin of `fraction` of its own width and height on every side."""
        dx, dy = self.width * fraction, self.height * fraction
        return BoundingBox(left=self.left - dx, top=self.top - dy, right=self.right + dx, bottom=self.bottom + dy)


def ordered_box(x1: float, y1: float, x2: float, y2: float) -> BoundingBox:
    """Return the box between two opposite corners, given in any order."""
    return BoundingBox(left=min(x1, x2), top=min(y1, y2), right=max(x1, x2), bottom=max(y1, y2))


def whole_page(size: Size) -> BoundingBox:
    """Return the box that covers a page of `size`."""
    return BoundingBox(left=0.0, top=0.0, right=size.width, bottom=size.height)
