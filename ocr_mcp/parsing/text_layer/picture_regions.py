"""Pictures on a page that carries its own text: which to read, and where what they say belongs."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.scripts import folded
from ocr_mcp.model.text_layers import TextLayer

MAX_REGIONS = 8
MIN_AREA_RATIO = 0.01
"""Of the page: smaller pictures are logos and icons."""
MIN_EDGE_UNITS = 20.0

_MAX_BOXES = 200
_MAX_TOUCHING_GAP_UNITS = 3.0
_MIN_SIMILARITY_PERCENT = 85.0
"""Similarity in percent from which a picture says what the page's own text says there."""
_MIN_CONFIDENCE = 0.6
"""Confidence below which text in a photo is noise."""

RegionBlocks = tuple[BoundingBox, Sequence[Block]]


def select_regions(layer: TextLayer, size: Size) -> tuple[BoundingBox, ...]:
    """The places of the page's pictures, those that touch as one; the largest, from top to bottom."""
    largest = sorted(layer.picture_boxes, key=lambda box: -box.area)[:_MAX_BOXES]
    worth = [
        box
        for box in _merge_touching(largest)
        if box.area >= MIN_AREA_RATIO * size.width * size.height and min(box.width, box.height) >= MIN_EDGE_UNITS
    ]
    kept = sorted(worth, key=lambda box: -box.area)[:MAX_REGIONS]
    return tuple(sorted(kept, key=lambda box: (box.top, box.left)))


def _merge_touching(boxes: Iterable[BoundingBox]) -> list[BoundingBox]:
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
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    return across > -_MAX_TOUCHING_GAP_UNITS and down > -_MAX_TOUCHING_GAP_UNITS


def select_new_blocks(region: BoundingBox, blocks: Sequence[Block], layer: TextLayer) -> tuple[Block, ...]:
    """The blocks of a picture that say something which the page's own text does not say at that place."""
    own = folded("".join(line.text for line in layer.lines if _touch(line.box, region)))
    return tuple(block for block in blocks if _is_sure(block) and not _is_in(folded(block.text), own))


def _is_sure(block: Block) -> bool:
    return bool(folded(block.text)) and (block.confidence is None or block.confidence >= _MIN_CONFIDENCE)


def _is_in(text: str, own: str) -> bool:
    return bool(own) and fuzz.partial_ratio(text, own) >= _MIN_SIMILARITY_PERCENT and len(text) <= len(own)


def insert_region_blocks(blocks: Sequence[Block], read: Iterable[RegionBlocks]) -> tuple[Block, ...]:
    """The page's blocks with those of each region after its first picture."""
    result = list(blocks)
    for region, found in read:
        place = next((i for i, block in enumerate(result) if _is_picture_in(block, region)), len(result) - 1)
        result[place + 1 : place + 1] = found
    return tuple(result)


def _is_picture_in(block: Block, region: BoundingBox) -> bool:
    return block.label is BlockLabel.PICTURE and any(_touch(box, region) for box in block.boxes)
