"""Finds out from a picture which way up the text on a page stands. Runs in the orientation worker only."""

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
"""Short edge of the picture in which lines are found: 256 loses lines of body text, 736 takes four times as long."""
MAX_EDGE_RATIO = 3.0
"""Long edge of that picture at most, in short edges."""
MAX_LINES = 8
MAX_LINES_TO_READ = 4
MAX_CHARACTERS = 6
MIN_LINE_RATIO = 2.0
"""Length of a line of text in heights; shorter ones may be single characters of vertical script."""
MAX_UPRIGHT_PROBABILITY = 0.2
"""Mean probability of standing upside down below which no line is read."""
_MIN_INK_PROBABILITY = 0.3
_MARGIN_HEIGHTS = 0.6
_MIN_CHARACTER_WIDTHS = 0.5

_PLAINLY_UPRIGHT = {"level": 1.0, "sideways": 0.0, "upside_down": 0.0}


def look(data: bytes, *, is_level: bool = False) -> dict[str, Any]:
    """Return the fields of a `PageLook`; for level lines the quick check may do, which measures none."""
    picture = decoded(data)
    if is_level and is_plainly_upright(picture):
        return _PLAINLY_UPRIGHT
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
    is_plain = not is_sideways and inverted < MAX_UPRIGHT_PROBABILITY
    return {
        "level": round(level, 3),
        "sideways": round(sideways, 3),
        "upside_down": round(inverted, 3),
        "standing": round(standing, 3),
        "readings": []
        if is_plain
        else _readings(pieces[:: max(1, len(pieces) // MAX_LINES_TO_READ)][:MAX_LINES_TO_READ]),
    }


def _found_lines(picture: Picture) -> tuple[list[Box], list[Box]]:
    """Return the boxes of level lines, and of lines that run upwards or downwards."""
    height, width = picture.shape
    scale = min(SHORT_EDGE_PX / min(height, width), MAX_EDGE_RATIO * SHORT_EDGE_PX / max(height, width))
    size = tuple(max(32, round(edge * scale / 32) * 32) for edge in (width, height))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    ink = run(DETECTOR, tensor(small)[None])[0, 0] > _MIN_INK_PROBABILITY
    _, _, found, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=4)
    across, down = width / size[0], height / size[1]
    boxes = [(int(x * across), int(y * down), int(w * across), int(h * down)) for x, y, w, h, _ in found[1:]]
    level = [box for box in boxes if box[2] > MIN_LINE_RATIO * box[3] > 0]
    return level, [box for box in boxes if box[3] > MIN_LINE_RATIO * box[2] > 0]


def _pieces(picture: Picture, lines: Sequence[Box]) -> list[Picture]:
    """Return the beginnings of some of the longest lines."""
    by_length = sorted(lines, key=lambda line: -line[2])[: 3 * MAX_LINES]
    step = max(1, len(by_length) // MAX_LINES)
    return [beginning_of_line(picture, line, margin=_MARGIN_HEIGHTS) for line in by_length[::step][:MAX_LINES]]


def _rows_of_characters(picture: Picture, lines: Sequence[Box]) -> list[Picture]:
    """Return the first characters of each of the longest sideways lines, upright as they are and side by side."""
    rows: list[Picture] = []
    for left, top, width, height in sorted(lines, key=lambda line: -line[3])[:MAX_LINES_TO_READ]:
        margin = int(_MARGIN_HEIGHTS * width / 2)
        column = picture[top : top + height, max(0, left - margin) : left + width + margin]
        rows += [cv2.hconcat(characters)] if (characters := _characters(column)) else []
    return rows


def _characters(column: Picture) -> list[Picture]:
    """Cut a line that runs down, where it has no ink, into pieces about as high as it is wide."""
    _, ink = cv2.threshold(column, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    width, has_ink = column.shape[1], ink.any(axis=1)
    cuts = [0, *(int(y) for y in np.flatnonzero(~has_ink)), len(has_ink)]
    found: list[Picture] = []
    start = int(np.argmax(has_ink))
    for cut in cuts:
        if cut - start > _MIN_CHARACTER_WIDTHS * width and len(found) < MAX_CHARACTERS:
            found.append(cv2.resize(column[start:cut], (HEIGHT_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA))
            start = cut + int(np.argmax(has_ink[cut:])) if has_ink[cut:].any() else len(has_ink)
    return found


def _standing(rows: Sequence[Picture]) -> float:
    """Return the recogniser's confidence in these rows (0 to 1); text that is not Chinese or Japanese counts as 0."""
    if not rows:
        return 0.0
    probabilities = run(RECOGNIZER, np.stack([line_tensor(row, MAX_CHARACTERS * HEIGHT_PX) for row in rows]))
    return float(np.mean([_sureness(each, _is_written_vertically()) for each in probabilities]))


def _readings(pieces: Sequence[Picture]) -> list[tuple[float, float]]:
    """Return the recogniser's confidence in each piece (0 to 1), as it is and upside down."""
    if not pieces:
        return []
    probabilities = run(RECOGNIZER, both_ways(pieces, READ_PX))
    sure = [round(_sureness(each), 3) for each in probabilities]
    return list(zip(sure[: len(pieces)], sure[len(pieces) :], strict=True))


def _sureness(probabilities: Any, counts: Any = None) -> float:
    """Return the mean probability of the characters; symbol 0 means none, and repeated ones count once (CTC).

    `counts` is True for each symbol whose probability counts, None for all.
    """
    best, symbols = probabilities.max(axis=1), probabilities.argmax(axis=1)
    is_new = (symbols != 0) & (np.diff(symbols, prepend=0) != 0)
    if counts is not None:
        best = best * counts[symbols]
    return float(best[is_new].mean()) if is_new.any() else 0.0


@cache
def _is_written_vertically() -> Any:
    """Return a mask over the recogniser's symbols: True for Chinese, Japanese and full-width ones."""
    listed = characters_of(RECOGNIZER)
    wide = [any("\u2e80" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in symbol) for symbol in listed]
    return np.array([False, *wide, False])  # CTC's blank before them, the space after them


def decoded(data: bytes) -> Picture:
    """Decode a picture in grey. Raises `CorruptSourceError`."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise CorruptSourceError("The picture of the page could not be decoded.", hint="Read the page again.")
    return picture
