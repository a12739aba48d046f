"""Finds ruling lines and the bullets of lists in a picture, and measures how bold each line of text is.

The text detector finds none of these. They are measured on the grey picture with plain morphology, some 50 ms a page.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# cv2 publishes no complete types.

from collections.abc import Iterator, Sequence
from typing import Any

Box = Sequence[float]
"""Left, top, right, bottom in pixels."""

MIN_CONTRAST_LEVELS = 28
"""Grey levels by which a mark is darker than the paper around it: hairlines of forms are printed in light grey."""

MAX_THICKNESS_PX = 9
"""A thicker line is a bar or the edge of a picture."""

MIN_RULE_PX = 27
"""Longer than the strokes of letters in the sizes that text is printed in; odd so that nothing is shifted."""

MAX_RULES = 400
"""The longest rules are kept, because hatched drawings have thousands."""

MAX_SLOPE = 0.03
"""Part of its length by which a rule may descend: pages are laid on scanners by hand."""

MAX_BREAK_PX = 3
"""Gap over which two pieces are one rule."""

MIN_INK_SHARE = 0.3
"""Share of the darkest ink of a line; lighter pixels are the noise of the paper or of JPEG."""


def with_marks(lines: list[dict[str, Any]], grey: Any) -> list[dict[str, Any]]:
    """Add a `weight` and a `bullet` to each line of an answer."""
    boxes = [line["box"] for line in lines]
    for line in lines:
        others = [box for box in boxes if box is not line["box"]]
        line["weight"], line["bullet"] = weight(grey, line["box"]), bullet(grey, line["box"], others)
    return lines


def ruling_lines(grey: Any, text: Sequence[Box]) -> list[list[float]]:
    """Return the horizontal and vertical rules of a picture as thin boxes, without the strokes of large letters."""
    thin = _thin(grey)
    flat = _chained(_runs(thin))
    upright = [[top, left, bottom, right] for left, top, right, bottom in _chained(_runs(thin.T))]
    longest = sorted((*flat, *upright), key=lambda rule: rule[0] + rule[1] - rule[2] - rule[3])[:MAX_RULES]
    return [[float(edge) for edge in rule] for rule in longest if not any(_is_stroke(rule, box) for box in text)]


def _thin(grey: Any) -> Any:
    """Return a mask (0 or 1) of thin dark strokes, crossings included."""
    import cv2
    import numpy as np

    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((MAX_THICKNESS_PX + 2, MAX_THICKNESS_PX + 2), np.uint8))
    return ((closed - grey) > MIN_CONTRAST_LEVELS).astype(np.uint8)


def _runs(thin: Any) -> list[list[int]]:
    """Return the boxes of strokes that run from left to right."""
    import cv2
    import numpy as np

    runs = cv2.morphologyEx(np.ascontiguousarray(thin), cv2.MORPH_OPEN, np.ones((1, MIN_RULE_PX), np.uint8))
    count, _, found, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    boxes = [([int(x), int(y), int(x + w), int(y + h)], int(area)) for x, y, w, h, area in found[1:count]]
    return [box for box, area in boxes if _is_thin(box, area)]


def _is_thin(box: Sequence[int], area: int) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    return (
        height <= max(MAX_THICKNESS_PX, MAX_SLOPE * width) and area <= MAX_THICKNESS_PX * width and width > 3 * height
    )


def _chained(boxes: list[list[int]]) -> list[list[int]]:
    """Join the pieces of each rule."""
    rules: list[list[int]] = []
    for box in sorted(boxes):
        rule = next((rule for rule in rules if _goes_on(rule, box)), None)
        if rule is None:
            rules.append(list(box))
        else:
            rule[1:] = [min(rule[1], box[1]), max(rule[2], box[2]), max(rule[3], box[3])]
    return rules


def _goes_on(rule: Sequence[int], box: Sequence[int]) -> bool:
    return (
        abs(box[0] - rule[2]) <= MAX_BREAK_PX and box[1] <= rule[3] + MAX_BREAK_PX and rule[1] <= box[3] + MAX_BREAK_PX
    )


def _is_stroke(rule: Sequence[float], box: Box) -> bool:
    """Return True if a rule lies within a line of text: a letter's stroke, or an underline."""
    width, height = rule[2] - rule[0], box[3] - box[1]
    inside = min(rule[2], box[2]) - max(rule[0], box[0]) >= 0.9 * width
    return inside and box[1] + 0.1 * height <= rule[1] + 1 and rule[3] <= box[3] + 0.1 * height


def weight(grey: Any, box: Box) -> float | None:
    """Return how thick a line's strokes are, in heights of its box; None without ink. Bold type is half as thick again.

    This is the mean run of ink along the line: all ink over half of all changes, which grey edges do not disturb.
    """
    import numpy as np

    ink = _ink(_cut(grey, box))
    if ink is None:
        return None
    changes = float(np.abs(np.diff(ink, axis=1)).sum())
    return round(2 * float(ink.sum()) / changes / (box[3] - box[1]), 4) if changes else None


def _ink(cut: Any) -> Any | None:
    """Return the ink from 0 to 1, dark on light or light on dark; None where all is one colour."""
    import numpy as np

    if cut.size == 0:
        return None
    paper = float(np.median(cut))
    light, dark = float(cut.max()) - paper, paper - float(cut.min())
    strongest = max(light, dark)
    if strongest < MIN_CONTRAST_LEVELS:
        return None
    ink = (paper - cut.astype(np.float32) if dark >= light else cut.astype(np.float32) - paper) / strongest
    return np.where(ink < MIN_INK_SHARE, 0.0, ink)


def bullet(grey: Any, box: Box, text: Sequence[Box]) -> list[float] | None:
    """Return the box of the one small round or square blot before a line; None if not exactly that stands there."""
    height = box[3] - box[1]
    left, right = max(0.0, box[0] - 3 * height), box[0] - 0.1 * height
    beside = [left, box[1], right, box[3]]
    if right - left < 0.5 * height or any(_overlap(other, beside) for other in text):
        return None
    ink = _ink(_cut(grey, beside))
    blots = [] if ink is None else [blot for blot in _blots(ink) if min(blot[2] - blot[0], blot[3] - blot[1]) > 1]
    if len(blots) != 1:
        return None
    x, y = int(beside[0]), int(beside[1])
    found = [float(x + blots[0][0]), float(y + blots[0][1]), float(x + blots[0][2]), float(y + blots[0][3])]
    return found if _is_round(blots[0], height) and _is_level(found, box) else None


def _blots(ink: Any) -> Iterator[list[int]]:
    import cv2
    import numpy as np

    count, _, found, _ = cv2.connectedComponentsWithStats((ink > 0.5).astype(np.uint8), connectivity=8)
    for x, y, w, h, area in found[1:count]:
        yield [int(x), int(y), int(x + w), int(y + h), int(area)]


def _is_round(blot: Sequence[int], height: float) -> bool:
    wide, high = blot[2] - blot[0], blot[3] - blot[1]
    square = 0.7 < wide / high < 1.4 and blot[4] > 0.6 * wide * high
    return square and 0.12 * height < high < 0.55 * height


def _is_level(blot: Sequence[float], box: Box) -> bool:
    middle = (blot[1] + blot[3]) / 2
    return box[1] + 0.25 * (box[3] - box[1]) < middle < box[1] + 0.75 * (box[3] - box[1])


def _overlap(box: Box, area: Box) -> bool:
    """Return True if a line reaches into an area by more than the margin that detectors add."""
    margin = 0.25 * (box[3] - box[1])
    inner = (box[0] + margin, box[1] + margin, box[2] - margin, box[3] - margin)
    return inner[0] < area[2] and area[0] < inner[2] and inner[1] < area[3] and area[1] < inner[3]


def _cut(grey: Any, box: Box) -> Any:
    left, top, right, bottom = (max(0, round(edge)) for edge in box)
    return grey[top:bottom, left:right]
