"""Pages turned by quarters: sizes and boxes as they are on the turned page, and the way back."""

from enum import IntEnum

from ocr_mcp.model.geometry import BoundingBox, Size


class Turn(IntEnum):
    """Degrees clockwise by which a page, as it is displayed, is turned."""

    NONE = 0
    RIGHT = 90
    HALF = 180
    LEFT = 270

    @property
    def back(self) -> "Turn":
        """The turn that undoes this one."""
        return Turn(-self % 360)

    @property
    def is_sideways(self) -> bool:
        """Whether width and height change places."""
        return self in (Turn.RIGHT, Turn.LEFT)


def turned_size(size: Size, turn: Turn) -> Size:
    """The size of a page after the turn."""
    return Size(width=size.height, height=size.width) if turn.is_sideways else size


def turned_box(box: BoundingBox, size: Size, turn: Turn) -> BoundingBox:
    """Where a box of a page lies after the turn. `size` is the page's before it."""
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
