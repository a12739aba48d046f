"""Lines that the embedded engine found on overlapping parts of a page, each once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.recognized_lines import RecognizedPage
from ocr_mcp.parsing.parts.stitching import stitch_texts

MIN_SHARED_AREA_RATIO = 0.5
"""The part of the smaller of two boxes that lies in the other where both are one line."""
MIN_LINE_SIMILARITY_PERCENT = 60.0
"""Similarity in percent of two readings of one line."""
MIN_SHARED_IN_LINE = 5
_MAX_CUT_DISTANCE_RATIO = 0.4
"""How near to the edge of its part a line must end, in its height, to be cut by it."""


@dataclass(frozen=True)
class PartLines:
    """What was found on a part of a page: in its pixels, and where the part lies."""

    page: RecognizedPage
    region: BoundingBox
    size_px: tuple[int, int]

    def scale_to_page(self, scale: float) -> "PartLines":
        """The same in pixels of the whole page, of which there are `scale` to a page unit."""
        lines = tuple(replace(line, box=self._place_box(line.box, scale)) for line in self.page.lines)
        rules = tuple(self._place_box(rule, scale) for rule in self.page.rules)
        region = {name: value * scale for name, value in self.region.model_dump().items()}
        return PartLines(RecognizedPage(lines, rules), BoundingBox(**region), self.size_px)

    def _place_box(self, box: BoundingBox, scale: float) -> BoundingBox:
        x, y = self.region.width / self.size_px[0] * scale, self.region.height / self.size_px[1] * scale
        left, top = self.region.left * scale, self.region.top * scale
        return BoundingBox(
            left=left + box.left * x, top=top + box.top * y, right=left + box.right * x, bottom=top + box.bottom * y
        )

    def cuts(self, line: PageLine) -> bool:
        """Whether an edge of the part, above or below it, goes through the line."""
        near = _MAX_CUT_DISTANCE_RATIO * line.box.height
        return line.box.top - self.region.top < near or self.region.bottom - line.box.bottom < near


def merge_lines(parts: Sequence[PartLines]) -> RecognizedPage:
    """All lines and rules, in pixels of the page; of a line that two parts show, the better reading."""
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
    """What is cut gives way; a line that goes on beyond a part is joined from both; else the surer reading counts."""
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
    return max(one, other, key=lambda pair: (round(pair[0].box.width / (2 * height)), pair[0].confidence or 0.0))


def _is_one_place(one: BoundingBox, other: BoundingBox) -> bool:
    shared, smaller = _measure_shared_area(one, other), min(one.area, other.area)
    level = abs(one.top + one.bottom - other.top - other.bottom) / 2 < MIN_SHARED_AREA_RATIO * max(
        one.height, other.height
    )
    is_beside = min(one.right, other.right) - max(one.left, other.left) > 0
    return smaller > 0 and (shared > MIN_SHARED_AREA_RATIO * smaller or (level and is_beside and shared > 0))


def _measure_shared_area(one: BoundingBox, other: BoundingBox) -> float:
    """The area that two boxes share."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0.0) * max(height, 0.0)
