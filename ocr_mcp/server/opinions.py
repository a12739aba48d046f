"""Second readings in results, kept short however much the two readings differ."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field

from ocr_mcp.jobs.ready_pages import ReadyPage
from ocr_mcp.model.second_opinions import Difference, SecondOpinion
from ocr_mcp.server.base_result import Result

MAX_DIFFERENCES = 20
"""Differences of one page. The first ones matter most; JSON output of the command line has all."""

MAX_OF_DOCUMENT = 60
"""Differences of all pages of one result."""

MAX_CHARACTERS = 200
"""Length of each reading of a passage."""


class DifferenceResult(Result):
    """One passage on which the two readings differ."""

    kind: Literal["number", "invented", "omitted", "words"] = Field(
        description="number: other digits. invented: in the text, and nowhere on the page by the second reading."
        " omitted: on the page by the second reading, and not in the text. words: other words."
    )
    read: str = Field(description="As the text has it.")
    seen: str = Field(description="As the second reading has it.")
    boxes: list[tuple[float, float, float, float]]

    @classmethod
    def of(cls, difference: Difference) -> Self:
        """Return a difference as an agent sees it."""
        boxes = [tuple(round(edge, 1) for edge in (b.left, b.top, b.right, b.bottom)) for b in difference.boxes[:4]]
        read, seen = _short(difference.read), _short(difference.seen)
        return cls.model_validate({"kind": difference.kind.value, "read": read, "seen": seen, "boxes": boxes})


class SecondOpinionResult(Result):
    """The embedded engine's reading of the same page, compared with the text."""

    agreement: float | None = Field(
        description="0 to 1: the part of the letters and digits that both readings share. Null is unknown: see reason."
    )
    reason: str | None
    differences: list[DifferenceResult] = Field(description="The most important first: numbers.")
    unlisted: int = Field(description="How many more differences there are.")

    @classmethod
    def of(cls, opinion: SecondOpinion, *, most: int = MAX_DIFFERENCES) -> Self:
        """Return an opinion as an agent sees it, with the `most` important differences at most."""
        opinion = opinion.shortened(most)
        return cls(
            agreement=None if opinion.agreement is None else round(opinion.agreement, 3),
            reason=opinion.reason,
            differences=[DifferenceResult.of(difference) for difference in opinion.differences],
            unlisted=opinion.unlisted,
        )


class PageOpinion(SecondOpinionResult):
    """A second reading of one page of a document."""

    page: int


def opinions_of(pages: Sequence[ReadyPage]) -> list[PageOpinion]:
    """Return the opinions of the pages that have one, with a bounded number of differences in all."""
    found: list[PageOpinion] = []
    room = MAX_OF_DOCUMENT
    for page in pages:
        if page.second_opinion is not None:
            opinion = SecondOpinionResult.of(page.second_opinion, most=min(room, MAX_DIFFERENCES))
            room -= len(opinion.differences)
            found.append(PageOpinion(page=page.number, **opinion.model_dump()))
    return found


def _short(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
