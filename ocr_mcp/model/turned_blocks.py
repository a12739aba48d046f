"""Moves blocks from a page to the turned page."""

from ocr_mcp.model.blocks import Block
from ocr_mcp.model.geometry import Size
from ocr_mcp.model.turning import Turn, turned_box


def turned_block(block: Block, size: Size, turn: Turn) -> Block:
    """Return the block with its boxes on the turned page. `size` is the page's size before the turn."""
    if turn is Turn.NONE:
        return block
    boxes = tuple(turned_box(box, size, turn) for box in block.boxes)
    lines = tuple(line.model_copy(update={"box": turned_box(line.box, size, turn)}) for line in block.lines)
    return block.model_copy(update={"boxes": boxes, "lines": lines})
