"""Which way up a page stands, and what shows it."""

from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.turning import Turn


class PageLook(Frozen):
    """What a page's picture shows of the way its text runs.

    `level` and `sideways` are the lengths of all lines written from left to right or the reverse, and of those written
    up or down, in long edges of the picture. `upside_down` (0 to 1) is how probably the longer kind stands upside down;
    sideways lines are turned against the clock for it. `readings` are how sure a recogniser is of some of them
    (0 to 1), so seen and the other way round; empty where nothing needed to be read. `standing` is how sure it is of
    single characters of sideways lines as they stand, if they are of a script that is written vertically.
    """

    level: float
    sideways: float
    upside_down: float
    readings: tuple[tuple[float, float], ...] = ()
    standing: float = 0.0


class Orientation(Frozen):
    """How to turn a page to make its text upright. `reason` is a sentence, empty for one that is plainly upright."""

    turn: Turn = Turn.NONE
    reason: str = ""
