"""Which way up the text on a page stands, as far as its picture shows. Only the process that looks runs this."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# cv2 publishes no complete types.

from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np

from ocr_mcp.engines.orientation.models import (
    DETECTOR,
    HEIGHT_PX,
    READ_PX,
    RECOGNIZER,
    Box,
    Picture,
    beginning_of_line,
    both_ways,
    characters_of,
    line_tensor,
    run,
    tensor,
    upside_down,
)
from ocr_mcp.engines.orientation.quick_check import is_plainly_upright
from ocr_mcp.errors import CorruptSourceError

SHORT_EDGE_PX = 352
"""Of the picture in which lines are looked for: 256 loses lines of body text, 736 takes four times as long."""
LONGEST = 3.0
"""The long edge of that picture at most, in short edges."""
LINES = 8
LINES_TO_READ = 4
CHARACTERS = 6
ELONGATED = 2.0
"""A line of text is so many times as long as high; shorter ones may be single characters of vertical script."""
PLAINLY_UPRIGHT = 0.2
"""Mean probability of standing upside down below which nothing is read."""
_INK = 0.3
_MARGIN = 0.6
_CHARACTER = 0.5

_UPRIGHT_AT_A_GLANCE = {"level": 1.0, "sideways": 0.0, "upside_down": 0.0}


def look(data: bytes, *, is_level: bool = False) -> dict[str, Any]:
    """The fields of a `PageLook`. Where the lines are known to be level, a glance may do, which measures none."""
    picture = decoded(data)
    if is_level and is_plainly_upright(picture):
        return _UPRIGHT_AT_A_GLANCE
    lines = _found_lines(picture)
    level, sideways = (sum(max(line[2:]) for line in found) / max(picture.shape) for found in lines)
    standing = 0.0
    if is_sideways := sideways > level:
        standing = _standing(_rows_of_characters(picture, lines[1]))
        # Turned, because the detector runs lines together that are not level.
        picture = cv2.rotate(picture, cv2.ROTATE_90_COUNTERCLOCKWISE)
        lines = _found_lines(picture)
    pieces = _pieces(picture, lines[0])
    inverted = upside_down(pieces) if pieces else 0.0
    is_plain = not is_sideways and inverted < PLAINLY_UPRIGHT
    return {
        "level": round(level, 3),
        "sideways": round(sideways, 3),
        "upside_down": round(inverted, 3),
        "standing": round(standing, 3),
        "readings": [] if is_plain else _readings(pieces[:: max(1, len(pieces) // LINES_TO_READ)][:LINES_TO_READ]),
    }


def _found_lines(picture: Picture) -> tuple[list[Box], list[Box]]:
    """What is written level, and what is written upwards or downwards."""
    height, width = picture.shape
    scale = min(SHORT_EDGE_PX / min(height, width), LONGEST * SHORT_EDGE_PX / max(height, width))
    size = tuple(max(32, round(edge * scale / 32) * 32) for edge in (width, height))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    ink = run(DETECTOR, tensor(small)[None])[0, 0] > _INK
    _, _, found, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=4)
    across, down = width / size[0], height / size[1]
    boxes = [(int(x * across), int(y * down), int(w * across), int(h * down)) for x, y, w, h, _ in found[1:]]
    level = [box for box in boxes if box[2] > ELONGATED * box[3] > 0]
    return level, [box for box in boxes if box[3] > ELONGATED * box[2] > 0]


def _pieces(picture: Picture, lines: Sequence[Box]) -> list[Picture]:
    """The beginnings of some of the longest lines."""
    by_length = sorted(lines, key=lambda line: -line[2])[: 3 * LINES]
    step = max(1, len(by_length) // LINES)
    return [beginning_of_line(picture, line, margin=_MARGIN) for line in by_length[::step][:LINES]]


def _rows_of_characters(picture: Picture, lines: Sequence[Box]) -> list[Picture]:
    """The first characters of the longest sideways lines, each as it stands, side by side."""
    rows: list[Picture] = []
    for left, top, width, height in sorted(lines, key=lambda line: -line[3])[:LINES_TO_READ]:
        margin = int(_MARGIN * width / 2)
        column = picture[top : top + height, max(0, left - margin) : left + width + margin]
        rows += [cv2.hconcat(characters)] if (characters := _characters(column)) else []
    return rows


def _characters(column: Picture) -> list[Picture]:
    """A line that runs down, cut where no ink is, into pieces about as high as it is wide."""
    _, ink = cv2.threshold(column, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    width, has_ink = column.shape[1], ink.any(axis=1)
    cuts = [0, *(int(y) for y in np.flatnonzero(~has_ink)), len(has_ink)]
    found: list[Picture] = []
    start = int(np.argmax(has_ink))
    for cut in cuts:
        if cut - start > _CHARACTER * width and len(found) < CHARACTERS:
            found.append(cv2.resize(column[start:cut], (HEIGHT_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA))
            start = cut + int(np.argmax(has_ink[cut:])) if has_ink[cut:].any() else len(has_ink)
    return found


def _standing(rows: Sequence[Picture]) -> float:
    """How sure the recogniser is of them (0 to 1); what is not Chinese or Japanese counts as 0."""
    if not rows:
        return 0.0
    probabilities = run(RECOGNIZER, np.stack([line_tensor(row, CHARACTERS * HEIGHT_PX) for row in rows]))
    return float(np.mean([_sureness(each, _is_written_vertically()) for each in probabilities]))


def _readings(pieces: Sequence[Picture]) -> list[tuple[float, float]]:
    """How sure the recogniser is of each piece (0 to 1), as it is and upside down."""
    if not pieces:
        return []
    probabilities = run(RECOGNIZER, both_ways(pieces, READ_PX))
    sure = [round(_sureness(each), 3) for each in probabilities]
    return list(zip(sure[: len(pieces)], sure[len(pieces) :], strict=True))


def _sureness(probabilities: Any, counts: Any = None) -> float:
    """The mean probability of the characters, of which the first means none; repeated ones count once (CTC).

    `counts` says of each symbol whether its probability counts, None for all.
    """
    best, symbols = probabilities.max(axis=1), probabilities.argmax(axis=1)
    is_new = (symbols != 0) & (np.diff(symbols, prepend=0) != 0)
    if counts is not None:
        best = best * counts[symbols]
    return float(best[is_new].mean()) if is_new.any() else 0.0


@cache
def _is_written_vertically() -> Any:
    """Of each symbol of the recogniser, which carries their list, whether it is Chinese, Japanese or full-width."""
    listed = characters_of(RECOGNIZER)
    wide = [any("\u2e80" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in symbol) for symbol in listed]
    return np.array([False, *wide, False])  # CTC's blank before them, the space after them


def decoded(data: bytes) -> Picture:
    """The encoded picture in grey. Raises `CorruptSourceError`."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise CorruptSourceError("The picture of the page could not be decoded.", hint="Read the page again.")
    return picture
