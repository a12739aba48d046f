"""The answer for a page, the doubt about it, and the comparison of two answers."""

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

MIN_SHARED_RATIO = 0.75
"""Part of their letters, and of their numbers, that two answers must share to say the same.

Two engines that read the same page shared .93 and more, measured.
"""

_MAX_PARSED_ANSWERS = 64
"""Parsed answers that are kept. One is parsed to see that it is not empty, and needed again for the page."""

_TAG = re.compile(r"<[^<>]*>")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d+")

UNCONFIRMED = PageIssue(
    code=IssueCode.LOOP,
    message="The answer repeats itself with little but numbers changing, and no other reading bears that out: the model"
    " may have made up what repeats, and left out the rest of the page.",
)


class PartAnswer(Frozen):
    """The answer for a part of a page. `view` describes the picture of that part."""

    view: PageView
    prediction: Prediction


class PageAnswer(Frozen):
    """The answer for a page, and the picture that it is about.

    A page that was read in parts has one answer for each in `parts`, in reading order; `prediction` is then their sum.
    `issues` say how the answer was reached where it took more than one attempt.
    """

    view: PageView
    prediction: Prediction
    issues: tuple[PageIssue, ...] = ()
    parts: tuple[PartAnswer, ...] = ()

    @property
    def is_good(self) -> bool:
        """True for an answer that is worth keeping: complete, and no loop."""
        return self.prediction.stop is StopReason.STOP and UNCONFIRMED not in self.issues

    def move_to(self, view: PageView) -> "PageAnswer":
        """Return the answer for another page that looks the same; place and size are those of that page's `view`."""
        names = ("width_px", "height_px", "digest", "turn", "turn_reason")
        picture = {name: getattr(self.view, name) for name in names}
        parts = tuple(part.model_copy(update={"view": _move_part(part.view, self.view, view)}) for part in self.parts)
        return self.model_copy(update={"view": view.model_copy(update=picture), "parts": parts})

    def parse(self) -> ParsedAnswer:
        """Return the blocks on the page, and the issues with them."""
        if not self.parts:
            return _parse(self.prediction, self.view)
        return parse_parts([(part.prediction, part.view) for part in self.parts])


def _move_part(part: PageView, whole: PageView, place: PageView) -> PageView:
    """Return the view of a part of `whole` as the view of the same part of `place`."""
    x, y = place.region.width / whole.region.width, place.region.height / whole.region.height
    region = BoundingBox(
        left=place.region.left + (part.region.left - whole.region.left) * x,
        top=place.region.top + (part.region.top - whole.region.top) * y,
        right=place.region.left + (part.region.right - whole.region.left) * x,
        bottom=place.region.top + (part.region.bottom - whole.region.top) * y,
    )
    same_page = {"number": place.number, "page_size": place.page_size, "unit": place.unit}
    return part.model_copy(update={"region": region, **same_page})


def join_predictions(predictions: Sequence[Prediction]) -> Prediction:
    """Return the answers to the parts of a page as one: their texts, the worst end, the sum of seconds and tokens."""
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
    """The reason why an answer cannot be taken as it is, as the end of a sentence."""

    LOOP = "the answer went round in circles"
    CUT = "the answer reached the limit of tokens"
    EMPTY = "the answer held no text"
    REPETITIVE = "little but numbers changed in the answer"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One reading of a page, cut back to the part that does not repeat."""

    view: PageView
    prediction: Prediction
    doubt: Doubt | None
    parts: tuple[PartAnswer, ...] = ()

    @property
    def text(self) -> str:
        """The words of the answer, without markup and boxes."""
        blocks = self.to_answer().parse().blocks
        cells = (cell.text for block in blocks if block.table for cell in block.table.cells)
        texts = (block.text for block in blocks if not block.table)
        return _TAG.sub(" ", " ".join((*texts, *cells)))

    def to_answer(self, issues: Sequence[PageIssue] = ()) -> PageAnswer:
        """Return this attempt as a `PageAnswer`."""
        return PageAnswer(view=self.view, prediction=self.prediction, issues=tuple(issues), parts=self.parts)


def judge_prediction(prediction: Prediction, view: PageView, loop: Loop | None) -> Attempt:
    """Return the engine's answer as an attempt, with the doubt that its end and a loop in it raise."""
    prediction = _cut_back(prediction, loop)
    return Attempt(view, prediction, _find_doubt(prediction, view, loop))


def join_attempts(attempts: Sequence[Attempt], view: PageView) -> Attempt:
    """Join the attempts at the parts of a `view`. A part may be empty as long as another one is not."""
    parts = tuple(PartAnswer(view=each.view, prediction=each.prediction) for each in attempts)
    doubts = [each.doubt for each in attempts]
    empty = Doubt.EMPTY if all(doubt is Doubt.EMPTY for doubt in doubts) else None
    doubt = next((each for each in doubts if each not in (None, Doubt.EMPTY)), empty)
    return Attempt(view, join_predictions([each.prediction for each in attempts]), doubt, parts)


def say_the_same(one: Attempt, other: Attempt) -> bool:
    """Return True if two attempts share most of their letters and of their numbers; order and spaces do not matter."""
    ours, theirs = one.text, other.text
    letters, numbers = (
        _measure_share(_count_trigrams(ours), _count_trigrams(theirs)),
        _measure_share(_count_numbers(ours), _count_numbers(theirs)),
    )
    return min(letters, numbers) >= MIN_SHARED_RATIO


def _cut_back(prediction: Prediction, loop: Loop | None) -> Prediction:
    """Cut off the repetitions. A suspected loop that ended by itself stays whole: it may be a table."""
    if loop is None or not (loop.is_proven or prediction.stop is StopReason.LENGTH):
        return prediction
    if loop.clean_length >= len(prediction.text):
        return prediction
    return prediction.model_copy(update={"text": prediction.text[: loop.clean_length], "stop": StopReason.LOOP})


def _find_doubt(prediction: Prediction, view: PageView, loop: Loop | None) -> Doubt | None:
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
    """Return True for an answer without text. A search that found nothing is an answer, too."""
    if prediction.task is Task.LOCATE:
        return False
    return any(issue.code is IssueCode.EMPTY_ANSWER for issue in _parse(prediction, view).issues)


def _parse(prediction: Prediction, view: PageView) -> ParsedAnswer:
    return _parse_once(prediction, view)  # pyright: ignore[reportArgumentType]  pydantic makes frozen models hashable


_parse_once = lru_cache(maxsize=_MAX_PARSED_ANSWERS)(parse_prediction)


def _count_numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(text))


def _count_trigrams(text: str) -> Counter[str]:
    letters = "".join(_LETTER.findall(text)).lower()
    return Counter(letters[at : at + 3] for at in range(len(letters) - 2))


def _measure_share(one: Counter[str], other: Counter[str]) -> float:
    """Return Dice's coefficient, 0 to 1; it is 1 for two empty counters."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0
