"""Merge the lines that the embedded engine found on overlapping parts of a page, so that each stands once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.recognized_lines import RecognizedPage
from ocr_mcp.parsing.parts.stitching import stitch_texts

MIN_SHARED_AREA_RATIO = 0.5
"""Part of the smaller of two boxes that lies in the other if both are one line."""
MAX_LEVEL_OFFSET_RATIO = 0.5
"""Distance of the middles of two boxes under which they are level, as a part of the higher box's height."""
MIN_LINE_SIMILARITY_PERCENT = 60.0
"""Similarity of two readings of one line under which the longer reading counts."""
MIN_SHARED_IN_LINE = 5
"""Letters and digits that the readings of one line share at least, for the line to be stitched from both."""
_MAX_CUT_DISTANCE_RATIO = 0.4
"""Distance from a line to the upper or lower edge of its part, in line heights, under which the edge cuts it."""


@dataclass(frozen=True)
class PartLines:
    """The lines and rules of a part of a page.

    `page` is in pixels of the part, which has `size_px` (width, height) of them. `region` is where the part lies, in
    page units. After `scale_to_page`, both are in pixels of the whole page.
    """

    page: RecognizedPage
    region: BoundingBox
    size_px: tuple[int, int]

    def scale_to_page(self, scale: float) -> "PartLines":
        """Return lines, rules and region in pixels of the whole page, of which there are `scale` to a page unit."""
        lines = tuple(replace(line, box=self._place_box(line.box, scale)) for line in self.page.lines)
        rules = tuple(self._place_box(rule, scale) for rule in self.page.rules)
        region = {name: value * scale for name, value in self.region.model_dump().items()}
        return PartLines(RecognizedPage(lines, rules), BoundingBox(**region), self.size_px)

    def _place_box(self, box: BoundingBox, scale: float) -> BoundingBox:
        """Convert a box from pixels of the part to pixels of the page."""
        x, y = self.region.width / self.size_px[0] * scale, self.region.height / self.size_px[1] * scale
        left, top = self.region.left * scale, self.region.top * scale
        return BoundingBox(
            left=left + box.left * x, top=top + box.top * y, right=left + box.right * x, bottom=top + box.bottom * y
        )

    def cuts(self, line: PageLine) -> bool:
        """Tell whether the upper or the lower edge of the part goes through a line.

        Both must be in pixels of the page, as after `scale_to_page`.
        """
        near = _MAX_CUT_DISTANCE_RATIO * line.box.height
        return line.box.top - self.region.top < near or self.region.bottom - line.box.bottom < near


def merge_lines(parts: Sequence[PartLines]) -> RecognizedPage:
    """Return all lines and rules in pixels of the page, and the better reading of each line that two parts show."""
    kept: list[tuple[PageLine, PartLines]] = []
    for part in parts:
        shared = [(line, other) for line, other in kept if _measure_shared_area(line.box, part.region) > 0]
        for line in part.page.lines:
            twin = next((pair for pair in shared if pair in kept and _is_one_place(pair[0].box, line.box)), None)
            if twin is None:
                kept.append((line, part))
            else:
                kept[kept.index(twin)] = _choose_reading(twin, (line, part))
    return RecognizedPage(tuple(line for line, _ in kept), tuple(rule for part in parts for rule in part.page.rules))


def _choose_reading(one: tuple[PageLine, PartLines], other: tuple[PageLine, PartLines]) -> tuple[PageLine, PartLines]:
    """Return the better of two readings of one line, with the part that it comes from.

    A line cut at its top or bottom loses. A line that goes on beyond one part is stitched from both. Of readings that
    are unlike, the longer wins, else the clearly wider one, then the one with the higher confidence.
    """
    first, second = one[0], other[0]
    if one[1].cuts(first) != other[1].cuts(second):
        return other if one[1].cuts(first) else one
    left, right = sorted((first, second), key=lambda line: line.box.left)
    height = min(first.box.height, second.box.height)
    if right.box.left - left.box.left > height and right.box.right - left.box.right > height:
        joined = stitch_texts(left.text, right.text, min_shared=MIN_SHARED_IN_LINE)
        if joined is not None:
            return replace(left, text=joined, box=left.box.union(right.box)), other[1]
    if fuzz.ratio(first.text, second.text) < MIN_LINE_SIMILARITY_PERCENT:
        return max(one, other, key=lambda pair: len(pair[0].text))
    # Widths are compared in steps of two line heights: smaller differences are the detector's.
    return max(one, other, key=lambda pair: (round(pair[0].box.width / (2 * height)), pair[0].confidence or 0.0))


def _is_one_place(one: BoundingBox, other: BoundingBox) -> bool:
    """Tell whether two boxes are of one line.

    They share more than half of the smaller one's area, or share some area and are level with each other.
    """
    shared, smaller = _measure_shared_area(one, other), min(one.area, other.area)
    offset = abs(one.top + one.bottom - other.top - other.bottom) / 2
    level = offset < MAX_LEVEL_OFFSET_RATIO * max(one.height, other.height)
    overlaps_sideways = min(one.right, other.right) - max(one.left, other.left) > 0
    return smaller > 0 and (shared > MIN_SHARED_AREA_RATIO * smaller or (level and overlaps_sideways and shared > 0))


def _measure_shared_area(one: BoundingBox, other: BoundingBox) -> float:
    """Return the area that two boxes share, in square pixels."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0.0) * max(height, 0.0)
