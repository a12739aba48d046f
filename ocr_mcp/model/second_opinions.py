"""Comparisons of a page with a second engine's reading, the only measure of confidence in a page."""

from enum import StrEnum

from ocr_mcp.model.geometry import BoundingBox, Frozen
from ocr_mcp.model.predictions import EngineIdentity


class DifferenceKind(StrEnum):
    """The kinds of differences between two readings, the most important first."""

    NUMBER = "number"
    """Both readings have a number there, and the numbers differ."""
    INVENTED = "invented"
    """The page's text has a passage that the second reading found nowhere on the page."""
    OMITTED = "omitted"
    """The second reading found a passage that the page's text has nowhere."""
    WORDS = "words"
    """Both readings have words there, and the words differ."""


class Difference(Frozen):
    """One passage on which two readings differ.

    `read` is the passage in the page's text and `seen` the passage in the second reading; one of them is empty if only
    the other reading has the passage. `block` is the 0-based index of the block that the passage belongs to, None if it
    belongs to none. `boxes` are in page units, and are empty if neither reading has a place for the passage.
    """

    kind: DifferenceKind
    read: str
    seen: str
    block: int | None
    boxes: tuple[BoundingBox, ...] = ()


class SecondOpinion(Frozen):
    """The result of comparing a page's text with a second reading.

    `agreement` (0 to 1) is Dice's coefficient of the letters and digits of both readings: twice the number that both
    have in the same surroundings, divided by the number in both together. It is None, with the `reason`, if there is
    nothing to compare. `engine` made the second reading. `differences` are in the order of their importance, and
    `unlisted` is the number of further ones.
    """

    agreement: float | None
    reason: str | None = None
    engine: EngineIdentity | None = None
    differences: tuple[Difference, ...] = ()
    unlisted: int = 0

    def shortened(self, most: int) -> "SecondOpinion":
        """Return this opinion with at most `most` differences; the others are added to `unlisted`."""
        unlisted = self.unlisted + len(self.differences[most:])
        return self.model_copy(update={"differences": self.differences[:most], "unlisted": unlisted})
