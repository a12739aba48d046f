# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""Text that a PDF page carries and does not show, although it is not drawn invisibly. Only the worker imports this.

Text in the colour of what is behind it, under a picture or a filled shape, cut off, too small to be seen, or beside the
page. Colours alone prove nothing, white text in a dark bar is common: so the page is drawn small, and where a suspect
cannot be seen, its place is drawn again, larger. Most pages have no suspects and are not drawn.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pymupdf
from PIL import Image

from ocr_mcp.sources.render_worker.boxes_on_page import Box, Cover, Sheet

if TYPE_CHECKING:
    from pydantic import JsonValue

BACKGROUND, COVERED, TINY, OUTSIDE = "background", "covered", "tiny", "outside"

_NEAR = 20
"""Levels of 255 by which a colour differs from paper without being seen: #EBEBEB on white, a contrast of 1.19."""

_MAX_INK = 0.6
"""No script fills more of its own box; where more has the text's colour, that is the background."""

_PLAIN = 0.4
"""The part of a line's box that is paper, at least."""

_INK_NEAR = 100
"""Levels within which thin strokes keep their colour when they are drawn."""

_LIGHT = 200
_LETTERS = 3
_TINY_PT, _TINY_BOX_PT = 1.0, 1.5
_MAX_DRAWN = 50_000
_MAX_CLOSE_LOOKS = 60
_ZOOM, _MAX_PIXELS = 1.5, 2_000_000
_CLOSE_PX, _MAX_CLOSE_PX = 24, 1_000
_TEXTS = ("fill-text", "stroke-text", "ignore-text")
_FILLS = ("fill-path", "fill-image", "fill-shade", "fill-imgmask")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Text of one colour: where it stands on the page as displayed, and on the page as the file has it."""

    box: Box
    place: Box
    colour: tuple[int, int, int]
    size: float
    count: int


def unseen_text(page: Any, blocks: list[dict[str, Any]]) -> "dict[str, JsonValue]":
    """How many characters are not seen, by why; `OUTSIDE` counts stretches. `blocks` is the page's text, as a dict."""
    drawn = page.get_bboxlog()
    if len(drawn) > _MAX_DRAWN:
        return {}
    found: Counter[str] = Counter()
    sheet, slack = Sheet(page), _slack(page)
    found[OUTSIDE] = sum(kind in _TEXTS[:2] and _is_outside(box, *slack) for kind, box in drawn)
    suspects: list[_Stretch] = []
    boxes = (sheet.displayed(place) for kind, place in drawn if kind in _FILLS)
    fills = Cover(filter(None, boxes), sheet.size)
    for stretch in _stretches(sheet, blocks):
        if stretch.size <= _TINY_PT and stretch.place[3] - stretch.place[1] <= _TINY_BOX_PT:
            found[TINY] += stretch.count
        elif min(stretch.colour) >= _LIGHT or fills.holds_middle_of(stretch.box):
            suspects.append(stretch)
    if suspects:
        found.update(_reasons(page, drawn, suspects))
    return {why: count for why, count in found.items() if count}


def _reasons(page: Any, drawn: list[tuple[str, Box]], suspects: list[_Stretch]) -> Counter[str]:
    look, under = _Look(page), _Pictures(page, drawn)
    found: Counter[str] = Counter()
    for stretch in suspects:
        why = look.why_unseen(stretch)
        if why is None and under.cover(stretch.place) and not look.shows_ink(stretch):
            why = COVERED
        if why is not None:
            found[why] += stretch.count
    return found


def _stretches(sheet: Sheet, blocks: list[dict[str, Any]]) -> Iterator[_Stretch]:
    """What is drawn visibly as far as its rendering mode says, and is more than a letter or two."""
    for span in (span for block in blocks for line in block.get("lines", ()) for span in line["spans"]):
        letters = sum(character.isalnum() for character in span["text"])
        if letters < _LETTERS or not span["alpha"] or not span["char_flags"] & 48:  # 16 filled, 32 stroked
            continue
        box = sheet.displayed(span["bbox"])
        if box is not None:
            value = int(span["color"])
            colour = (value >> 16 & 255, value >> 8 & 255, value & 255)
            count = len("".join(span["text"].split()))
            yield _Stretch(box, tuple(span["bbox"]), colour, float(span["size"]), count)


def _slack(page: Any) -> tuple[Box, tuple[float, float]]:
    """The page, unrotated, and by how much the whole sheet is larger: what a printer cuts off is ordinary."""
    wide, high = float(page.cropbox.width), float(page.cropbox.height)
    across, down = float(page.mediabox.width) - wide, float(page.mediabox.height) - high
    return (0.0, 0.0, wide, high), (across, down)


def _is_outside(box: Box, sheet: Box, slack: tuple[float, float]) -> bool:
    beside = box[2] < sheet[0] - slack[0] or box[0] > sheet[2] + slack[0]
    return beside or box[3] < sheet[1] - slack[1] or box[1] > sheet[3] + slack[1]


class _Pictures:
    """Opaque pictures, and when each was drawn. Of one that is cut off, the whole box is known only."""

    def __init__(self, page: Any, drawn: list[tuple[str, Box]]) -> None:
        infos = page.get_image_info() if any(kind == "fill-image" for kind, _ in drawn) else ()
        see_through = {_rounded(info["bbox"]) for info in infos if info["has-mask"]}
        self._texts = [(index, box) for index, (kind, box) in enumerate(drawn) if kind in _TEXTS]
        self._pictures = [
            (index, box)
            for index, (kind, box) in enumerate(drawn)
            if kind == "fill-image" and _rounded(box) not in see_through
        ]

    def cover(self, place: Box) -> bool:
        """Whether a picture was laid over the whole place after the last text there was drawn."""
        last = max((index for index, box in self._pictures if _holds(box, place)), default=-1)
        if last < 0:
            return False
        middle = ((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
        return all(index < last for index, box in self._texts if _holds(box, (*middle, *middle)))


class _Look:
    """The page as it is seen, small; and places of it, larger."""

    def __init__(self, page: Any) -> None:
        area = max(1.0, float(page.rect.width * page.rect.height))
        self._page = page
        self._zoom = min(_ZOOM, math.sqrt(_MAX_PIXELS / area))
        self._picture = _drawn(page, self._zoom, None)
        self._close_looks = 0

    def why_unseen(self, stretch: _Stretch) -> str | None:
        """None where it can be seen, or where nobody looked any more."""
        crop = self._crop(stretch.box)
        if crop is not None and _has_colour(crop, stretch.colour):
            return BACKGROUND
        if crop is not None and _range(crop) > 2 * _NEAR:
            return None
        return self._closely(stretch)

    def shows_ink(self, stretch: _Stretch) -> bool:
        """Whether something of the text's colour stands on one plain colour, as print does and photographs do not."""
        picture = self._close(stretch.box)
        colours: Any = picture.point([level & 0xE0 for level in range(256)] * 3).getcolors(
            picture.width * picture.height
        )
        paper, plain = max((count, colour) for count, colour in colours)[::-1]
        inked = sum(count for count, colour in colours if _differ(colour, stretch.colour) <= _INK_NEAR)
        is_ink = inked > 0 and _differ(paper, stretch.colour) > _INK_NEAR
        return is_ink and plain >= _PLAIN * picture.width * picture.height

    def _crop(self, box: Box) -> Image.Image | None:
        left, top, right, bottom = (edge * self._zoom for edge in box)
        edges = (math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
        return self._picture.crop(edges) if edges[2] - edges[0] > 1 and edges[3] - edges[1] > 1 else None

    def _closely(self, stretch: _Stretch) -> str | None:
        self._close_looks += 1
        if self._close_looks > _MAX_CLOSE_LOOKS:
            return None
        picture = self._close(stretch.box)
        if _has_colour(picture, stretch.colour):
            return BACKGROUND
        return COVERED if _range(picture) < _NEAR else None

    def _close(self, box: Box) -> Image.Image:
        left, top, right, bottom = box
        across, along = sorted((max(bottom - top, 0.1), max(right - left, 0.1)))
        return _drawn(self._page, min(_CLOSE_PX / across, _MAX_CLOSE_PX / along), pymupdf.Rect(box))


def _drawn(page: Any, zoom: float, clip: Any) -> Image.Image:
    matrix = pymupdf.Matrix(zoom, zoom)
    pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, clip=clip)
    return Image.frombuffer("RGB", (pixels.width, pixels.height), pixels.samples, "raw", "RGB", 0, 1)


def _differ(colour: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(one - two) for one, two in zip(colour, other, strict=True))


def _range(picture: Image.Image) -> int:
    """By how many levels the brightest and the darkest differ, in the channel where they do most."""
    extrema: Any = picture.getextrema()
    return max(high - low for low, high in extrema)


def _has_colour(picture: Image.Image, colour: tuple[int, int, int]) -> bool:
    """Whether most of the picture has that colour, or nearly."""
    counts, total = picture.histogram(), picture.width * picture.height
    near = (
        sum(counts[256 * channel + max(0, level - _NEAR) : 256 * channel + min(255, level + _NEAR) + 1])
        for channel, level in enumerate(colour)
    )
    return min(near) >= _MAX_INK * total


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] - 1 <= inner[0] and outer[1] - 1 <= inner[1] and outer[2] + 1 >= inner[2] and outer[3] + 1 >= inner[3]
    )


def _rounded(box: Box) -> tuple[int, ...]:
    return tuple(round(edge) for edge in box)
