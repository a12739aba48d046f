"""The answer for a page, what is doubtful about it, and whether two answers say the same."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.model.geometry import BoundingBox, Frozen
from ocr_mcp.model.images import PageView
from ocr_mcp.model.predictions import Prediction, StopReason, Task, TokenUsage
from ocr_mcp.parsing.answers import parse_prediction
from ocr_mcp.parsing.loops.guard import Loop
from ocr_mcp.parsing.parsed import ParsedAnswer
from ocr_mcp.parsing.parts.merging import parse_parts

SAME_SHARE = 0.75
"""How much of their letters and of their numbers two engines share that read the same page: .93 and more, measured."""

_PARSED_ANSWERS = 64
"""An answer is parsed to see whether it holds anything, and again for the page: by then it is still there."""

_TAG = re.compile(r"<[^<>]*>")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d+")

UNCONFIRMED = PageIssue(
    code=IssueCode.LOOP,
    message="The answer repeats itself with little but numbers changing, and no other reading bears that out: the model"
    " may have made up what repeats, and left out the rest of the page.",
)


class PartAnswer(Frozen):
    """The answer for a part of a page."""

    view: PageView
    prediction: Prediction


class PageAnswer(Frozen):
    """The answer for a page, the picture that it is about, and how it was come by where that took more than one.

    With `parts`, these are the answers, in order; `prediction` is what they have in common, and says it all together.
    """

    view: PageView
    prediction: Prediction
    issues: tuple[PageIssue, ...] = ()
    parts: tuple[PartAnswer, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it is worth keeping: complete, and no loop."""
        return self.prediction.stop is StopReason.STOP and UNCONFIRMED not in self.issues

    def on(self, view: PageView) -> "PageAnswer":
        """The same answer for another page that looks the same: place and size are that page's."""
        names = ("width_px", "height_px", "digest", "turn", "turn_reason")
        picture = {name: getattr(self.view, name) for name in names}
        parts = tuple(part.model_copy(update={"view": _moved(part.view, self.view, view)}) for part in self.parts)
        return self.model_copy(update={"view": view.model_copy(update=picture), "parts": parts})

    def parsed(self) -> ParsedAnswer:
        """The blocks on the page, and what is odd about them."""
        if not self.parts:
            return _parsed(self.prediction, self.view)
        return parse_parts([(part.prediction, part.view) for part in self.parts])


def _moved(part: PageView, whole: PageView, place: PageView) -> PageView:
    """A part of what `whole` shows as the same part of what `place` shows."""
    x, y = place.region.width / whole.region.width, place.region.height / whole.region.height
    region = BoundingBox(
        left=place.region.left + (part.region.left - whole.region.left) * x,
        top=place.region.top + (part.region.top - whole.region.top) * y,
        right=place.region.left + (part.region.right - whole.region.left) * x,
        bottom=place.region.top + (part.region.bottom - whole.region.top) * y,
    )
    same_page = {"number": place.number, "page_size": place.page_size, "unit": place.unit}
    return part.model_copy(update={"region": region, **same_page})


def together(predictions: Sequence[Prediction]) -> Prediction:
    """What the answers to the parts of a page have in common: the worst end, the sum of what was spent."""
    stops = [prediction.stop for prediction in predictions]
    worst = next((stop for stop in (StopReason.LOOP, StopReason.LENGTH) if stop in stops), StopReason.STOP)
    usages = [prediction.usage for prediction in predictions]
    usage = TokenUsage(
        prompt=_sum([usage.prompt for usage in usages]),
        vision=_sum([usage.vision for usage in usages]),
        text=_sum([usage.text for usage in usages]),
    )
    text = "\n\n".join(prediction.text for prediction in predictions)
    seconds = sum(prediction.seconds for prediction in predictions)
    return predictions[0].model_copy(update={"text": text, "stop": worst, "usage": usage, "seconds": seconds})


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


class Doubt(StrEnum):
    """Why an answer cannot be taken as it is, as the end of a sentence."""

    LOOP = "the answer went round in circles"
    CUT = "the answer reached the limit of tokens"
    EMPTY = "the answer held no text"
    REPETITIVE = "little but numbers changed in the answer"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One reading, cut back to what does not repeat."""

    view: PageView
    prediction: Prediction
    doubt: Doubt | None
    parts: tuple[PartAnswer, ...] = ()

    @property
    def text(self) -> str:
        """What it says, without markup and boxes."""
        blocks = self.answer().parsed().blocks
        cells = (cell.text for block in blocks if block.table for cell in block.table.cells)
        texts = (block.text for block in blocks if not block.table)
        return _TAG.sub(" ", " ".join((*texts, *cells)))

    def answer(self, issues: Sequence[PageIssue] = ()) -> PageAnswer:
        """It as the answer for the page."""
        return PageAnswer(view=self.view, prediction=self.prediction, issues=tuple(issues), parts=self.parts)


def judged(prediction: Prediction, view: PageView, loop: Loop | None) -> Attempt:
    """An attempt by what the engine said and what was found in it."""
    prediction = _cut_back(prediction, loop)
    return Attempt(view, prediction, _doubt(prediction, view, loop))


def of_parts(attempts: Sequence[Attempt], view: PageView) -> Attempt:
    """Attempts at the parts of what `view` shows, as one. A part may be empty where another one is not."""
    parts = tuple(PartAnswer(view=each.view, prediction=each.prediction) for each in attempts)
    doubts = [each.doubt for each in attempts]
    empty = Doubt.EMPTY if all(doubt is Doubt.EMPTY for doubt in doubts) else None
    doubt = next((each for each in doubts if each not in (None, Doubt.EMPTY)), empty)
    return Attempt(view, together([each.prediction for each in attempts]), doubt, parts)


def say_the_same(one: Attempt, other: Attempt) -> bool:
    """Whether two attempts share most of their letters and of their numbers, in whatever order, spaced in any way."""
    ours, theirs = one.text, other.text
    letters, numbers = _share(_trigrams(ours), _trigrams(theirs)), _share(_numbers(ours), _numbers(theirs))
    return min(letters, numbers) >= SAME_SHARE


def _cut_back(prediction: Prediction, loop: Loop | None) -> Prediction:
    """A suspected loop that ended by itself is not cut: it may be a table."""
    if loop is None or not (loop.is_proven or prediction.stop is StopReason.LENGTH):
        return prediction
    if loop.clean_length >= len(prediction.text):
        return prediction
    return prediction.model_copy(update={"text": prediction.text[: loop.clean_length], "stop": StopReason.LOOP})


def _doubt(prediction: Prediction, view: PageView, loop: Loop | None) -> Doubt | None:
    match prediction.stop:
        case StopReason.LOOP:
            return Doubt.LOOP
        case StopReason.LENGTH:
            return Doubt.CUT
        case StopReason.STOP if loop is not None:
            return Doubt.REPETITIVE
        case StopReason.STOP:
            return Doubt.EMPTY if _is_empty(prediction, view) else None


def _is_empty(prediction: Prediction, view: PageView) -> bool:
    """What is looked for and not there is an answer too."""
    if prediction.task is Task.LOCATE:
        return False
    return any(issue.code is IssueCode.EMPTY_ANSWER for issue in _parsed(prediction, view).issues)


def _parsed(prediction: Prediction, view: PageView) -> ParsedAnswer:
    return _parse_once(prediction, view)  # pyright: ignore[reportArgumentType]  pydantic makes frozen models hashable


_parse_once = lru_cache(maxsize=_PARSED_ANSWERS)(parse_prediction)


def _numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(text))


def _trigrams(text: str) -> Counter[str]:
    letters = "".join(_LETTER.findall(text)).lower()
    return Counter(letters[at : at + 3] for at in range(len(letters) - 2))


def _share(one: Counter[str], other: Counter[str]) -> float:
    """Dice's coefficient; 1 for two empty ones."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0
