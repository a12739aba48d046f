# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""Cuts short stretches of a PDF page's text and the pictures of their places.

The embedded engine recognises the pictures again, which shows if the text is true. Only the worker's process imports
this module.
"""

import io
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pymupdf
from PIL import Image

from ocr_mcp.model.scripts import is_checkable

SNIPPET_CHARACTERS = 18
"""Characters of a stretch, about."""

SNIPPET_DPI = 150
"""Resolution of the pictures."""

_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_VISIBLE_FLAGS = 16 | 32  # MuPDF's flags of filled and stroked characters
_TEXT_BLOCK = 0
_ABOVE_EM, _BELOW_EM, _BESIDE_EM = 0.95, 0.3, 0.1
"""Margins of a picture above and below the baseline and beside the text, in font sizes."""

_MAX_EDGE_PX = 2000
_MAX_TILT_QUARTER_TURNS = 0.05
"""Largest deviation of the writing from a quarter turn, in quarter turns (4.5 degrees)."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of text, the name of its font, and the picture of its place as PNG."""

    text: str
    font: str
    picture: bytes


@dataclass(frozen=True, slots=True)
class _FontRun:
    """Characters in one font on one line.

    `size` is the font size in points. `direction` is the direction of writing as a unit vector on the page before
    /Rotate. `characters` are MuPDF's "rawdict" entries.
    """

    text: str
    font: str
    size: float
    direction: tuple[float, float]
    characters: tuple[dict[str, Any], ...]


def cut_snippets(page: Any, count: int, fonts: Collection[str] | None) -> list[Cut]:
    """Return about `count` stretches of text, spread evenly over the named fonts and over the page.

    With `fonts` None they are spread over all the page's text, including text that is drawn invisibly. Stretches that
    cannot be recognised again (see `is_checkable`) and places that cannot be drawn are left out.
    """
    blocks = page.get_text("rawdict", flags=_FLAGS, sort=False)["blocks"]
    runs = [run for run in _split_into_runs(blocks, fonts) if is_checkable(run.text)]
    chosen = _choose_evenly(runs, count) if fonts is None else _choose_by_font(runs, count)
    drawing = page.get_displaylist(annots=0)
    return [
        Cut(run.text, run.font, picture) for run in chosen if (picture := _draw_run(page, drawing, run)) is not None
    ]


def _choose_by_font(runs: list[_FontRun], count: int) -> list[_FontRun]:
    """Choose the same number of runs of each font, spread evenly over the page; no text is chosen twice."""
    by_font: dict[str, dict[str, _FontRun]] = {}
    for run in runs:
        by_font.setdefault(run.font, {}).setdefault(run.text, run)
    share = math.ceil(count / max(1, len(by_font)))
    return [run for found in by_font.values() for run in _choose_evenly(list(found.values()), share)]


def _choose_evenly(runs: list[_FontRun], count: int) -> list[_FontRun]:
    if len(runs) <= count:
        return runs
    return [runs[int((index + 0.5) * len(runs) / count)] for index in range(count)]


def _split_into_runs(blocks: list[dict[str, Any]], fonts: Collection[str] | None) -> Iterator[_FontRun]:
    for line in (line for block in blocks if block["type"] == _TEXT_BLOCK for line in block["lines"]):
        for font, group in groupby(line["spans"], key=lambda span: span["font"]):
            spans = [span for span in group if fonts is None or (font in fonts and _is_seen(span))]
            characters = [character for span in spans for character in span["chars"]]
            if spans:
                yield from _split_characters(characters, font, spans[0]["size"], line["dir"])


def _is_seen(span: dict[str, Any]) -> bool:
    return bool(span["char_flags"] & _VISIBLE_FLAGS) and span["alpha"] != 0


def _split_characters(
    characters: list[dict[str, Any]], font: str, size: float, direction: tuple[float, float]
) -> Iterator[_FontRun]:
    """Split characters into runs of whole words with about `SNIPPET_CHARACTERS` characters each.

    A longer word, or text in a script without spaces, is cut.
    """
    start = 0
    while start < len(characters):
        end = min(start + SNIPPET_CHARACTERS, len(characters))
        stop = next(
            (i for i in range(end, min(end + SNIPPET_CHARACTERS // 2, len(characters))) if _is_blank(characters[i])),
            None,
        )
        if stop is None:
            stop = next(
                (i for i in range(end, start + SNIPPET_CHARACTERS // 2, -1) if _is_blank(characters[i - 1])), end
            )
        part = tuple(_strip_blanks(characters[start : stop if end < len(characters) else len(characters)]))
        if part:
            yield _FontRun("".join(character["c"] for character in part), font, size, direction, part)
        start = max(stop, start + 1) if end < len(characters) else len(characters)


def _is_blank(character: dict[str, Any]) -> bool:
    return character["c"].isspace()


def _strip_blanks(characters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    inked = [index for index, character in enumerate(characters) if not _is_blank(character)]
    return characters[inked[0] : inked[-1] + 1] if inked else []


def _draw_run(page: Any, drawing: Any, run: _FontRun) -> bytes | None:
    """Draw the place of a run as an upright PNG.

    Returns None if the run is askew, lies off the page, or is too small or too large to be recognised.
    """
    turns = _quarter_turns(page, run.direction)
    rect = _find_rectangle(run) * page.rotation_matrix & page.rect
    zoom = SNIPPET_DPI / 72
    if turns is None or rect.is_empty or max(rect.width, rect.height) * zoom > _MAX_EDGE_PX or min(rect) < 0:
        return None
    pixmap = drawing.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=0, clip=rect)
    if pixmap.width < SNIPPET_CHARACTERS or pixmap.height < 4:
        return None
    picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    out = io.BytesIO()
    (picture.rotate(90 * turns, expand=True) if turns else picture).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _quarter_turns(page: Any, direction: tuple[float, float]) -> int | None:
    """Return how many counter-clockwise quarter turns of the displayed page make the writing level.

    None is returned if no number of quarter turns does.
    """
    turned = pymupdf.Point(direction) * pymupdf.Matrix(*list(page.rotation_matrix)[:4], 0, 0)
    angle = math.atan2(turned.y, turned.x) / (math.pi / 2)
    return round(angle) % 4 if abs(angle - round(angle)) < _MAX_TILT_QUARTER_TURNS else None


def _find_rectangle(run: _FontRun) -> Any:
    """Return the rectangle of a run on the page before /Rotate, in points.

    It is built around the baseline from the font size, because the heights that fonts claim for their lines are often
    wrong. A font size that does not fit the claimed boxes is not believed; then the claimed boxes are returned.
    """
    boxes = [pymupdf.Rect(character["bbox"]) for character in run.characters]
    claimed = boxes[0]
    for box in boxes[1:]:
        claimed |= box
    (x, y), (along_x, along_y) = run.characters[0]["origin"], run.direction
    reach = max((corner - pymupdf.Point(x, y)) * pymupdf.Point(run.direction) for corner in _corners(claimed))
    near, far, size = -_BESIDE_EM * run.size, reach + _BESIDE_EM * run.size, run.size
    if not 1.0 < size < 4 * min(claimed.width, claimed.height):
        return claimed
    points = [
        pymupdf.Point(x + along_x * t + along_y * u, y + along_y * t - along_x * u)
        for t in (near, far)
        for u in (-_BELOW_EM * size, _ABOVE_EM * size)
    ]
    return pymupdf.Rect(points[0], points[0]).include_point(points[1]).include_point(points[2]).include_point(points[3])


def _corners(rect: Any) -> tuple[Any, ...]:
    return rect.tl, rect.tr, rect.bl, rect.br
