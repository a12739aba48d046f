"""What a second engine says of a page that was read: the only confidence there is."""

from enum import StrEnum

from ocr_mcp.model.geometry import BoundingBox, Frozen
from ocr_mcp.model.predictions import EngineIdentity


class DifferenceKind(StrEnum):
    """How two readings differ, the most important first."""

    NUMBER = "number"
    """Both read a number there, and not the same."""
    INVENTED = "invented"
    """The page's text has it, and the second reading found it nowhere on the page."""
    OMITTED = "omitted"
    """The second reading found it on the page, and the page's text has it nowhere."""
    WORDS = "words"
    """Both read words there, and not the same."""


class Difference(Frozen):
    """One passage on which two readings differ.

    `read` is what the page's text says, `seen` what the second reading says; one is empty for what only the other has.
    `block` is the 0-based index of the block that it belongs to, None for what belongs to none. `boxes` are in page
    units; empty where neither reading says where it stands.
    """

    kind: DifferenceKind
    read: str
    seen: str
    block: int | None
    boxes: tuple[BoundingBox, ...] = ()


class SecondOpinion(Frozen):
    """How far a second reading bears out a page's text.

    `agreement` (0 to 1) is Dice's coefficient of the letters and digits of both readings: twice those that stand in
    both in the same surroundings, divided by all. None, with the `reason`, where there is nothing to compare with.
    `engine` is who read the second time. `differences` are in the order of their importance; `unlisted` is how many
    more were found.
    """

    agreement: float | None
    reason: str | None = None
    engine: EngineIdentity | None = None
    differences: tuple[Difference, ...] = ()
    unlisted: int = 0

    def shortened(self, most: int) -> "SecondOpinion":
        """The same with no more than so many differences; the others are counted."""
        unlisted = self.unlisted + len(self.differences[most:])
        return self.model_copy(update={"differences": self.differences[:most], "unlisted": unlisted})
