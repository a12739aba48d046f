# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""Counts text that a PDF page carries and does not show, although it is not drawn invisibly.

Such text has the colour of its background, lies under a picture or a filled shape, is cut off, is too small to be seen,
or stands beside the page. Colours alone prove nothing, because white text in a dark bar is common. The page is
therefore drawn at a small scale, and where suspect text cannot be seen there, its place is drawn again at a larger one.
Most pages have no suspect text and are not drawn. Only the worker's process imports this module.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymupdf
from PIL import Image

from ocr_mcp.sources.render_worker.boxes_on_page import Box, Cover, DisplayedPage

if TYPE_CHECKING:
    from pydantic import JsonValue

BACKGROUND, COVERED, TINY, OUTSIDE = "background", "covered", "tiny", "outside"
"""Fields of `UnseenText`."""

_NEAR_LEVELS = 20
"""Levels of 255 by which a colour may differ from its background and still not be seen.

The limit is #EBEBEB on white, a contrast of 1.19.
"""

_MAX_INK_FRACTION = 0.6
"""Largest part of its own box that text of any script fills; where more has its colour, that is the background."""

_MIN_PAPER_FRACTION = 0.4
"""Smallest part of a line's box that is paper."""

_INK_NEAR_LEVELS = 100
"""Levels of 255 within which thin strokes keep their colour when they are drawn."""

_MIN_LIGHT_LEVEL = 200
"""Level of 255 from which on, in every channel, text is light enough to be suspect."""

_MIN_LETTERS = 3
"""Letters and digits of the shortest text that is checked."""

_MAX_TINY_PT, _MAX_TINY_BOX_PT = 1.0, 1.5
"""Font size, and height of its box, up to which text is too small to be seen."""

_MAX_DRAWN_OBJECTS = 50_000
"""Number of objects drawn on a page beyond which nothing is checked, to bound the time."""

_MAX_CLOSE_LOOKS = 60
"""Number of places on a page that are drawn again to look for text."""

_MAX_PX_PER_POINT, _MAX_PIXELS = 1.5, 2_000_000
"""Pixels per point of the whole page's picture, and the limit of its pixels, which lowers that scale."""

_CLOSE_SHORT_EDGE_PX, _MAX_CLOSE_LONG_EDGE_PX = 24, 1_000
"""Short edge of the picture of one place, and the limit of its long edge, which lowers the short one."""

_VISIBLE_FLAGS = 16 | 32  # MuPDF's flags of filled and stroked characters
_TEXTS = ("fill-text", "stroke-text", "ignore-text")
_FILLS = ("fill-path", "fill-image", "fill-shade", "fill-imgmask")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Text of one colour.

    `box` is its place on the displayed page, `place` on the page before /Rotate, both in points. `colour` is RGB with
    levels of 0 to 255, `size` the font size in points, and `count` the number of characters without white space.
    """

    box: Box
    place: Box
    colour: tuple[int, int, int]
    size: float
    count: int


def unseen_text(page: Any, blocks: list[dict[str, Any]]) -> "dict[str, JsonValue]":
    """Return the number of characters that cannot be seen, by reason; under `OUTSIDE` the number of stretches of text.

    `blocks` is the page's text as MuPDF's "dict" blocks. A page with more than `_MAX_DRAWN_OBJECTS` objects
    is not checked; the result is then empty.
    """
    drawn = page.get_bboxlog()
    if len(drawn) > _MAX_DRAWN_OBJECTS:
        return {}
    found: Counter[str] = Counter()
    displayed, slack = DisplayedPage(page), _slack(page)
    found[OUTSIDE] = sum(kind in _TEXTS[:2] and _is_outside(box, *slack) for kind, box in drawn)
    suspects: list[_Stretch] = []
    boxes = (displayed.place(place) for kind, place in drawn if kind in _FILLS)
    fills = Cover(filter(None, boxes), displayed.size)
    for stretch in _stretches(displayed, blocks):
        if stretch.size <= _MAX_TINY_PT and stretch.place[3] - stretch.place[1] <= _MAX_TINY_BOX_PT:
            found[TINY] += stretch.count
        elif min(stretch.colour) >= _MIN_LIGHT_LEVEL or fills.covers_middle_of(stretch.box):
            suspects.append(stretch)
    if suspects:
        found.update(_count_reasons(page, drawn, suspects))
    return {why: count for why, count in found.items() if count}


def _count_reasons(page: Any, drawn: list[tuple[str, Box]], suspects: list[_Stretch]) -> Counter[str]:
    seen, pictures = _DrawnPage(page), _OpaquePictures(page, drawn)
    found: Counter[str] = Counter()
    for stretch in suspects:
        why = seen.why_unseen(stretch)
        if why is None and pictures.cover(stretch.place) and not seen.shows_ink(stretch):
            why = COVERED
        if why is not None:
            found[why] += stretch.count
    return found


def _stretches(displayed: DisplayedPage, blocks: list[dict[str, Any]]) -> Iterator[_Stretch]:
    """Yield each text of at least `_MIN_LETTERS` letters and digits that is visible by rendering mode and opacity."""
    for span in (span for block in blocks for line in block.get("lines", ()) for span in line["spans"]):
        letters = sum(character.isalnum() for character in span["text"])
        if letters < _MIN_LETTERS or not span["alpha"] or not span["char_flags"] & _VISIBLE_FLAGS:
            continue
        box = displayed.place(span["bbox"])
        if box is not None:
            value = int(span["color"])
            colour = (value >> 16 & 255, value >> 8 & 255, value & 255)
            count = len("".join(span["text"].split()))
            yield _Stretch(box, tuple(span["bbox"]), colour, float(span["size"]), count)


def _slack(page: Any) -> tuple[Box, tuple[float, float]]:
    """Return the box of the unrotated page, and by how much the whole sheet is wider and higher, in points.

    Text in that slack is ordinary: it is what a printer cuts off.
    """
    wide, high = float(page.cropbox.width), float(page.cropbox.height)
    across, down = float(page.mediabox.width) - wide, float(page.mediabox.height) - high
    return (0.0, 0.0, wide, high), (across, down)


def _is_outside(box: Box, sheet: Box, slack: tuple[float, float]) -> bool:
    beside = box[2] < sheet[0] - slack[0] or box[0] > sheet[2] + slack[0]
    return beside or box[3] < sheet[1] - slack[1] or box[1] > sheet[3] + slack[1]


class _OpaquePictures:
    """The opaque pictures and the texts of a page in the order in which they are drawn.

    Only the whole box of a picture is known, also if the page cuts the picture off.
    """

    def __init__(self, page: Any, drawn: list[tuple[str, Box]]) -> None:
        infos = page.get_image_info() if any(kind == "fill-image" for kind, _ in drawn) else ()
        see_through = {_round_edges(info["bbox"]) for info in infos if info["has-mask"]}
        self._texts = [(index, box) for index, (kind, box) in enumerate(drawn) if kind in _TEXTS]
        self._pictures = [
            (index, box)
            for index, (kind, box) in enumerate(drawn)
            if kind == "fill-image" and _round_edges(box) not in see_through
        ]

    def cover(self, place: Box) -> bool:
        """Return true if a picture covers the whole place and was drawn after the last text there."""
        last = max((index for index, box in self._pictures if _contains(box, place)), default=-1)
        if last < 0:
            return False
        middle = ((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
        return all(index < last for index, box in self._texts if _contains(box, (*middle, *middle)))


class _DrawnPage:
    """The page as a reader sees it: one small picture of all of it, and larger pictures of places on demand."""

    def __init__(self, page: Any) -> None:
        area = max(1.0, float(page.rect.width * page.rect.height))
        self._page = page
        self._zoom = min(_MAX_PX_PER_POINT, math.sqrt(_MAX_PIXELS / area))
        self._picture = _draw(page, self._zoom, None)
        self._close_looks = 0

    def why_unseen(self, stretch: _Stretch) -> str | None:
        """Return `BACKGROUND` or `COVERED`, None if the text can be seen or too many places were drawn already."""
        crop = self._crop(stretch.box)
        if crop is not None and _has_colour(crop, stretch.colour):
            return BACKGROUND
        if crop is not None and _level_range(crop) > 2 * _NEAR_LEVELS:
            return None
        return self._look_closely(stretch)

    def shows_ink(self, stretch: _Stretch) -> bool:
        """Return true if something of the text's colour stands on one plain colour.

        Print looks like that, and photographs do not.
        """
        picture = self._draw_closely(stretch.box)
        colours: Any = picture.point([level & 0xE0 for level in range(256)] * 3).getcolors(
            picture.width * picture.height
        )
        paper, plain = max((count, colour) for count, colour in colours)[::-1]
        inked = sum(
            count for count, colour in colours if _colour_difference(colour, stretch.colour) <= _INK_NEAR_LEVELS
        )
        is_ink = inked > 0 and _colour_difference(paper, stretch.colour) > _INK_NEAR_LEVELS
        return is_ink and plain >= _MIN_PAPER_FRACTION * picture.width * picture.height

    def _crop(self, box: Box) -> Image.Image | None:
        left, top, right, bottom = (edge * self._zoom for edge in box)
        edges = (math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
        return self._picture.crop(edges) if edges[2] - edges[0] > 1 and edges[3] - edges[1] > 1 else None

    def _look_closely(self, stretch: _Stretch) -> str | None:
        self._close_looks += 1
        if self._close_looks > _MAX_CLOSE_LOOKS:
            return None
        picture = self._draw_closely(stretch.box)
        if _has_colour(picture, stretch.colour):
            return BACKGROUND
        return COVERED if _level_range(picture) < _NEAR_LEVELS else None

    def _draw_closely(self, box: Box) -> Image.Image:
        left, top, right, bottom = box
        across, along = sorted((max(bottom - top, 0.1), max(right - left, 0.1)))
        return _draw(self._page, min(_CLOSE_SHORT_EDGE_PX / across, _MAX_CLOSE_LONG_EDGE_PX / along), pymupdf.Rect(box))


def _draw(page: Any, zoom: float, clip: Any) -> Image.Image:
    matrix = pymupdf.Matrix(zoom, zoom)
    pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, clip=clip)
    return Image.frombuffer("RGB", (pixels.width, pixels.height), pixels.samples, "raw", "RGB", 0, 1)


def _colour_difference(colour: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(one - two) for one, two in zip(colour, other, strict=True))


def _level_range(picture: Image.Image) -> int:
    """Return the difference between the highest and the lowest level, in the channel where it is largest."""
    extrema: Any = picture.getextrema()
    return max(high - low for low, high in extrema)


def _has_colour(picture: Image.Image, colour: tuple[int, int, int]) -> bool:
    """Return true if at least `_MAX_INK_FRACTION` of the picture has nearly that colour, in every channel."""
    counts, total = picture.histogram(), picture.width * picture.height
    near = (
        sum(counts[256 * channel + max(0, level - _NEAR_LEVELS) : 256 * channel + min(255, level + _NEAR_LEVELS) + 1])
        for channel, level in enumerate(colour)
    )
    return min(near) >= _MAX_INK_FRACTION * total


def _contains(outer: Box, inner: Box) -> bool:
    return (
        outer[0] - 1 <= inner[0] and outer[1] - 1 <= inner[1] and outer[2] + 1 >= inner[2] and outer[3] + 1 >= inner[3]
    )


def _round_edges(box: Box) -> tuple[int, ...]:
    return tuple(round(edge) for edge in box)
