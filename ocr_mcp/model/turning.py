"""Quarter turns of pages, and the sizes and boxes that result from them."""

from enum import IntEnum

from ocr_mcp.model.geometry import BoundingBox, Size


class Turn(IntEnum):
    """A rotation of the displayed page, in degrees clockwise."""

    NONE = 0
    RIGHT = 90
    HALF = 180
    LEFT = 270

    @property
    def back(self) -> "Turn":
        """The opposite turn, which undoes this one."""
        return Turn(-self % 360)

    @property
    def is_sideways(self) -> bool:
        """True for a turn that swaps width and height."""
        return self in (Turn.RIGHT, Turn.LEFT)


def turned_size(size: Size, turn: Turn) -> Size:
    """Return the size of a page after the turn."""
    return Size(width=size.height, height=size.width) if turn.is_sideways else size


def turned_box(box: BoundingBox, size: Size, turn: Turn) -> BoundingBox:
    """Return the place of a box after the turn. `size` is the page's size before the turn."""
    match turn:
        case Turn.NONE:
            return box
        case Turn.RIGHT:
            edges = (size.height - box.bottom, box.left, size.height - box.top, box.right)
        case Turn.HALF:
            edges = (size.width - box.right, size.height - box.bottom, size.width - box.left, size.height - box.top)
        case Turn.LEFT:
            edges = (box.top, size.width - box.right, box.bottom, size.width - box.left)
    return BoundingBox(**dict(zip(("left", "top", "right", "bottom"), edges, strict=True)))
