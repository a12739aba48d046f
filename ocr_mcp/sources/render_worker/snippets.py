# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""Short stretches of a page's text with the picture of where they stand. Only the worker's process imports this."""

import io
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pymupdf
from PIL import Image

from ocr_mcp.model.scripts import is_checkable

LENGTH = 18
DPI = 150
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_DRAWN = 16 | 32  # filled, stroked
_TEXT_BLOCK = 0
_ABOVE, _BELOW, _BESIDE = 0.95, 0.3, 0.1  # of the size of the type, around the baseline
_MAX_EDGE_PX = 2000
_UPRIGHT_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of text, its font, and the encoded picture of its place."""

    text: str
    font: str
    picture: bytes


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters in one font on one line. `direction` is that of writing on the page as it was before /Rotate."""

    text: str
    font: str
    size: float
    direction: tuple[float, float]
    characters: tuple[dict[str, Any], ...]


def cut_snippets(page: Any, count: int, fonts: Collection[str] | None) -> list[Cut]:
    """About so many stretches, spread over the fonts named and over the page.

    `fonts` None takes them evenly from all the page's text, and also those that are drawn invisibly.
    """
    blocks = page.get_text("rawdict", flags=_FLAGS, sort=False)["blocks"]
    runs = [run for run in _runs(blocks, fonts) if is_checkable(run.text)]
    chosen = _evenly(runs, count) if fonts is None else _spread(runs, count)
    drawing = page.get_displaylist(annots=0)
    return [Cut(run.text, run.font, picture) for run in chosen if (picture := _drawn(page, drawing, run)) is not None]


def _spread(runs: list[_Run], count: int) -> list[_Run]:
    """As many of each font, taken evenly over the page. Each text once."""
    by_font: dict[str, dict[str, _Run]] = {}
    for run in runs:
        by_font.setdefault(run.font, {}).setdefault(run.text, run)
    share = math.ceil(count / max(1, len(by_font)))
    return [run for found in by_font.values() for run in _evenly(list(found.values()), share)]


def _evenly(runs: list[_Run], count: int) -> list[_Run]:
    if len(runs) <= count:
        return runs
    return [runs[int((index + 0.5) * len(runs) / count)] for index in range(count)]


def _runs(blocks: list[dict[str, Any]], fonts: Collection[str] | None) -> Iterator[_Run]:
    for line in (line for block in blocks if block["type"] == _TEXT_BLOCK for line in block["lines"]):
        for font, group in groupby(line["spans"], key=lambda span: span["font"]):
            spans = [span for span in group if fonts is None or (font in fonts and _is_seen(span))]
            characters = [character for span in spans for character in span["chars"]]
            if spans:
                yield from _stretches(characters, font, spans[0]["size"], line["dir"])


def _is_seen(span: dict[str, Any]) -> bool:
    return bool(span["char_flags"] & _DRAWN) and span["alpha"] != 0


def _stretches(
    characters: list[dict[str, Any]], font: str, size: float, direction: tuple[float, float]
) -> Iterator[_Run]:
    """Whole words, as many as fit in about `LENGTH` characters; a longer word, or a script without spaces, is cut."""
    start = 0
    while start < len(characters):
        end = min(start + LENGTH, len(characters))
        stop = next((i for i in range(end, min(end + LENGTH // 2, len(characters))) if _blank(characters[i])), None)
        if stop is None:
            stop = next((i for i in range(end, start + LENGTH // 2, -1) if _blank(characters[i - 1])), end)
        part = tuple(_stripped(characters[start : stop if end < len(characters) else len(characters)]))
        if part:
            yield _Run("".join(character["c"] for character in part), font, size, direction, part)
        start = max(stop, start + 1) if end < len(characters) else len(characters)


def _blank(character: dict[str, Any]) -> bool:
    return character["c"].isspace()


def _stripped(characters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    inked = [index for index, character in enumerate(characters) if not _blank(character)]
    return characters[inked[0] : inked[-1] + 1] if inked else []


def _drawn(page: Any, drawing: Any, run: _Run) -> bytes | None:
    """The place of a run, turned upright; None where it is askew, off the page or no size to read."""
    turns = _quarter_turns(page, run.direction)
    rect = _place(run) * page.rotation_matrix & page.rect
    zoom = DPI / 72
    if turns is None or rect.is_empty or max(rect.width, rect.height) * zoom > _MAX_EDGE_PX or min(rect) < 0:
        return None
    pixmap = drawing.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=0, clip=rect)
    if pixmap.width < LENGTH or pixmap.height < 4:
        return None
    picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    out = io.BytesIO()
    (picture.rotate(90 * turns, expand=True) if turns else picture).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _quarter_turns(page: Any, direction: tuple[float, float]) -> int | None:
    """How often to turn the displayed page by 90 degrees, against the clock, for the writing to be level."""
    turned = pymupdf.Point(direction) * pymupdf.Matrix(*list(page.rotation_matrix)[:4], 0, 0)
    angle = math.atan2(turned.y, turned.x) / (math.pi / 2)
    return round(angle) % 4 if abs(angle - round(angle)) < _UPRIGHT_TOLERANCE else None


def _place(run: _Run) -> Any:
    """Around the baseline: the heights that fonts claim for their lines are often wrong."""
    boxes = [pymupdf.Rect(character["bbox"]) for character in run.characters]
    claimed = boxes[0]
    for box in boxes[1:]:
        claimed |= box
    (x, y), (along_x, along_y) = run.characters[0]["origin"], run.direction
    reach = max((corner - pymupdf.Point(x, y)) * pymupdf.Point(run.direction) for corner in _corners(claimed))
    near, far, size = -_BESIDE * run.size, reach + _BESIDE * run.size, run.size
    if not 1.0 < size < 4 * min(claimed.width, claimed.height):
        return claimed
    points = [
        pymupdf.Point(x + along_x * t + along_y * u, y + along_y * t - along_x * u)
        for t in (near, far)
        for u in (-_BELOW * size, _ABOVE * size)
    ]
    return pymupdf.Rect(points[0], points[0]).include_point(points[1]).include_point(points[2]).include_point(points[3])


def _corners(rect: Any) -> tuple[Any, ...]:
    return rect.tl, rect.tr, rect.bl, rect.br
