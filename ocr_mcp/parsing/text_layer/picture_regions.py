"""Choose the pictures to read on a page that carries its own text, and insert what was read in them.

Boxes and lengths are in page units.
"""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.scripts import folded
from ocr_mcp.model.text_layers import TextLayer

MAX_REGIONS = 8
"""Pictures that are read on one page."""
MIN_AREA_RATIO = 0.01
"""Part of the page's area that a picture must cover: smaller ones are logos and icons."""
MIN_EDGE_UNITS = 20.0
"""Width and height that a picture must have at least."""

_MAX_BOXES = 200
"""Pictures that are looked at, the largest first: comparing them all takes quadratic time."""
_MAX_TOUCHING_GAP_UNITS = 3.0
"""Distance up to which two boxes touch."""
_MIN_SIMILARITY_PERCENT = 85.0
"""Similarity from which a picture says what the page's own text says at that place."""
_MIN_CONFIDENCE = 0.6
"""Confidence (0 to 1) under which text in a photo is noise."""

RegionBlocks = tuple[BoundingBox, Sequence[Block]]
"""The place of a picture on the page, and the blocks that were read in it."""


def select_regions(layer: TextLayer, size: Size) -> tuple[BoundingBox, ...]:
    """Return the places of the largest pictures of a page from top to bottom; pictures that touch are one."""
    largest = sorted(layer.picture_boxes, key=lambda box: -box.area)[:_MAX_BOXES]
    worth = [
        box
        for box in _merge_touching(largest)
        if box.area >= MIN_AREA_RATIO * size.width * size.height and min(box.width, box.height) >= MIN_EDGE_UNITS
    ]
    kept = sorted(worth, key=lambda box: -box.area)[:MAX_REGIONS]
    return tuple(sorted(kept, key=lambda box: (box.top, box.left)))


def _merge_touching(boxes: Iterable[BoundingBox]) -> list[BoundingBox]:
    """Return boxes with all that touch each other, directly or through others, joined."""
    result: list[BoundingBox] = []
    for box in boxes:
        joined = box
        while touching := [other for other in result if _touch(joined, other)]:
            result = [other for other in result if other not in touching]
            for other in touching:
                joined = joined.union(other)
        result.append(joined)
    return result


def _touch(a: BoundingBox, b: BoundingBox) -> bool:
    """Tell whether two boxes overlap or are at most 3 page units apart."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    return across > -_MAX_TOUCHING_GAP_UNITS and down > -_MAX_TOUCHING_GAP_UNITS


def select_new_blocks(region: BoundingBox, blocks: Sequence[Block], layer: TextLayer) -> tuple[Block, ...]:
    """Return the blocks of a picture that say something which the page's own text does not say at that place."""
    own = folded("".join(line.text for line in layer.lines if _touch(line.box, region)))
    return tuple(block for block in blocks if _is_sure(block) and not _is_in(folded(block.text), own))


def _is_sure(block: Block) -> bool:
    """Tell whether a block has text that was read with enough confidence; an unknown confidence is enough."""
    return bool(folded(block.text)) and (block.confidence is None or block.confidence >= _MIN_CONFIDENCE)


def _is_in(text: str, own: str) -> bool:
    """Tell whether a folded text stands in the page's own text; it may differ from it by a few characters."""
    return bool(own) and fuzz.partial_ratio(text, own) >= _MIN_SIMILARITY_PERCENT and len(text) <= len(own)


def insert_region_blocks(blocks: Sequence[Block], read: Iterable[RegionBlocks]) -> tuple[Block, ...]:
    """Return the page's blocks with those of each region after the first picture in it, or at the end without one."""
    result = list(blocks)
    for region, found in read:
        place = next((i for i, block in enumerate(result) if _is_picture_in(block, region)), len(result) - 1)
        result[place + 1 : place + 1] = found
    return tuple(result)


def _is_picture_in(block: Block, region: BoundingBox) -> bool:
    """Tell whether a block is a picture that touches a region."""
    return block.label is BlockLabel.PICTURE and any(_touch(box, region) for box in block.boxes)
