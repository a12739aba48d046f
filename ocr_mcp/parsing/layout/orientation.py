"""Judge from the look of a page which turn makes it upright.

A page is turned only on strong evidence: most of its lines must read well that way and badly the other way round. The
recognizer reads vertical Chinese and Japanese as turned lines too, but there each character reads where it stands.
docs/engines.md, "Pages that are not upright", has the measurements. Confidences are those of the recognizer, 0 to 1.
"""

from collections.abc import Sequence
from statistics import fmean

from ocr_mcp.model.orientation import Orientation, PageLook
from ocr_mcp.model.turning import Turn

MIN_TEXT_LONG_EDGES = 0.25
"""Length of all lines, in long edges of the picture, under which they say nothing about the page."""
MIN_SIDEWAYS_RATIO = 1.5
"""Factor by which sideways lines together must be longer than level ones: a page with a sideways table is upright."""
MIN_CONFIDENCE = 0.8
"""Mean confidence that lines must reach in the way that the page is turned to."""
MIN_SEVERAL_CONFIDENCE, MIN_CONFIDENCE_GAP = 0.65, 0.3
"""For several lines a lower confidence will do if it is higher than the other way round by this gap."""
MAX_DOUBT_RATIO = 0.4
"""Part of the doubt (1 minus confidence) about the other way round that may be left: some faces read half well upside
down."""
MIN_STANDING_CONFIDENCE = 0.45
"""Mean confidence of single characters under each other, read as they stand, above which they are vertical script."""


def judge_orientation(look: PageLook) -> Orientation:
    """Return the turn that makes a page upright, with the evidence for it as a sentence."""
    is_sideways = look.sideways > look.level
    if not look.readings or max(look.level, look.sideways) < MIN_TEXT_LONG_EDGES or _is_mixed(look):
        return Orientation()
    readings = _select_telling(look.readings)
    seen, other = (fmean(reading[way] for reading in readings) for way in (0, 1))
    is_upside_down = other > seen
    if is_sideways and not is_upside_down and look.standing > MIN_STANDING_CONFIDENCE:
        return Orientation(reason=_VERTICAL)
    agrees = is_upside_down == (look.upside_down > _EVEN_CHANCE) or _agree_on_way(readings)
    if not (agrees and _is_clear(max(seen, other), min(seen, other), len(readings))):
        return Orientation(reason=_UNREADABLE) if is_sideways else Orientation()
    turn = Turn((is_sideways * Turn.LEFT + is_upside_down * Turn.HALF) % 360)
    return (
        Orientation(turn=turn, reason=_describe_evidence(turn, max(seen, other), min(seen, other)))
        if turn
        else Orientation()
    )


def _select_telling(readings: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Return the readings of lines that read well one way, if those are most: a smudge says nothing about the page."""
    telling = [reading for reading in readings if max(reading) >= MIN_SEVERAL_CONFIDENCE]
    return telling if 2 * len(telling) > len(readings) else readings


def _agree_on_way(readings: Sequence[tuple[float, float]]) -> bool:
    """Tell whether three lines or more all read better the same way.

    Then the classifier, which sees only the beginnings of lines, may be wrong.
    """
    return len(readings) >= _SEVERAL_LINES and len({other > seen for seen, other in readings}) == 1


def _is_mixed(look: PageLook) -> bool:
    """Tell whether sideways lines are longer than level ones, but by too little."""
    return look.level < look.sideways <= MIN_SIDEWAYS_RATIO * look.level


def _is_clear(sure: float, other: float, count: int) -> bool:
    """Tell whether lines read well enough one way (`sure`) and badly enough the other way round (`other`)."""
    is_apart = count >= _SEVERAL_LINES and sure >= MIN_SEVERAL_CONFIDENCE and sure - other >= MIN_CONFIDENCE_GAP
    return is_apart or (sure >= MIN_CONFIDENCE and 1 - sure <= MAX_DOUBT_RATIO * (1 - other))


_EVEN_CHANCE = 0.5
"""Probability from which the classifier takes lines to be upside down."""
_SEVERAL_LINES = 3
"""Lines that are enough to count as several."""
_UNREADABLE = (
    "Most lines run up or down the page, but do not read as lines of a turned page; it was taken to be upright."
)
_VERTICAL = "Its text is written from top to bottom, character under character, so the page was taken to be upright."
_RUNS = {
    Turn.RIGHT: "runs from bottom to top",
    Turn.HALF: "stands upside down",
    Turn.LEFT: "runs from top to bottom",
}


def _describe_evidence(turn: Turn, sure: float, other: float) -> str:
    """Return the sentence that says why a page was turned."""
    return (
        f"The page was turned by {int(turn)} degrees clockwise to be read, because most of its text {_RUNS[turn]}"
        f" (so it reads with a confidence of {sure:.2f}, the other way round with {other:.2f})."
    )
