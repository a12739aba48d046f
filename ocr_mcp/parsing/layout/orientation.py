"""From what a look at a page shows to the turn that makes it upright.

A page is turned only on strong evidence: most of its lines must read well that way and badly the other way round. The
recogniser reads vertical Chinese and Japanese as turned lines too, but there each character reads where it stands.
Measured: docs/engines.md, "Pages that are not upright".
"""

from collections.abc import Sequence
from statistics import fmean

from ocr_mcp.model.orientation import Orientation, PageLook
from ocr_mcp.model.turning import Turn

MIN_TEXT_LONG_EDGES = 0.25
"""The length of all lines, in long edges of the page, from which they say anything of the page."""
MIN_SIDEWAYS_RATIO = 1.5
"""How much longer sideways lines must be than level ones, all together: a page with a sideways table is upright."""
MIN_CONFIDENCE = 0.8
"""How sure the recogniser must be, on average, of lines that are to be turned."""
MIN_SEVERAL_CONFIDENCE, MIN_CONFIDENCE_GAP = 0.65, 0.3
"""Or, of several lines, so sure at least, and by so much surer than of them the other way round."""
MAX_DOUBT_RATIO = 0.4
"""How much of its doubt about the lines the other way round may be left: upside down, some faces read half well."""
MIN_STANDING_CONFIDENCE = 0.45
"""How sure it must be of single characters, as they stand under each other, to be vertical script."""


def judge_orientation(look: PageLook) -> Orientation:
    """The turn, with what shows it."""
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
    """Those of lines that read one way or the other, if that is most of them: a smudge says nothing of the page."""
    telling = [reading for reading in readings if max(reading) >= MIN_SEVERAL_CONFIDENCE]
    return telling if 2 * len(telling) > len(readings) else readings


def _agree_on_way(readings: Sequence[tuple[float, float]]) -> bool:
    """Whether several lines all read better the same way: the classifier, which sees their beginnings, may then err."""
    return len(readings) >= _SEVERAL_LINES and len({other > seen for seen, other in readings}) == 1


def _is_mixed(look: PageLook) -> bool:
    """Sideways lines are the longer ones, but not by much."""
    return look.level < look.sideways <= MIN_SIDEWAYS_RATIO * look.level


def _is_clear(sure: float, other: float, count: int) -> bool:
    is_apart = count >= _SEVERAL_LINES and sure >= MIN_SEVERAL_CONFIDENCE and sure - other >= MIN_CONFIDENCE_GAP
    return is_apart or (sure >= MIN_CONFIDENCE and 1 - sure <= MAX_DOUBT_RATIO * (1 - other))


_EVEN_CHANCE = 0.5
_SEVERAL_LINES = 3
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
    return (
        f"The page was turned by {int(turn)} degrees clockwise to be read, because most of its text {_RUNS[turn]}"
        f" (so it reads with a confidence of {sure:.2f}, the other way round with {other:.2f})."
    )
