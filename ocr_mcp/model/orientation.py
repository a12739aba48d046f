"""The orientation of a page, and the evidence for it."""

from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.turning import Turn


class PageLook(Frozen):
    """The direction in which the text on a page's picture runs.

    `level` is the total length of the lines written from left to right or the reverse, and `sideways` that of the lines
    written up or down; the unit is the long edge of the picture. `upside_down` is the probability (0 to 1) that the
    kind with the greater length stands upside down; sideways lines are turned counter-clockwise before that is judged.
    `readings` are a recogniser's confidences (0 to 1) for some of these lines, each as judged and turned by half; they
    are empty if nothing had to be read. `standing` is its confidence for single characters of sideways lines without
    turning them, if they belong to a script that is written vertically.
    """

    level: float
    sideways: float
    upside_down: float
    readings: tuple[tuple[float, float], ...] = ()
    standing: float = 0.0


class Orientation(Frozen):
    """The turn that makes the text of a page upright.

    `reason` is a sentence, and is empty for a page that is plainly upright.
    """

    turn: Turn = Turn.NONE
    reason: str = ""
