"""The answer for a page, what is doubtful about it, and whether two answers say the same."""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.images import PageView
from ocr_mcp.model.predictions import Prediction, StopReason, Task
from ocr_mcp.parsing.answers import parse_prediction
from ocr_mcp.parsing.loops import Loop

SAME_SHARE = 0.75
"""How much of their letters and of their numbers two engines share that read the same page: .93 and more, measured."""

_TAG = re.compile(r"<[^<>]*>")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d+")

UNCONFIRMED = PageIssue(
    code=IssueCode.LOOP,
    message="The answer repeats itself with little but numbers changing, and no other reading bears that out: the model"
    " may have made up what repeats, and left out the rest of the page.",
)


class PageAnswer(Frozen):
    """The answer for a page, the picture that it is about, and how it was come by where that took more than one."""

    view: PageView
    prediction: Prediction
    issues: tuple[PageIssue, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it is worth keeping: complete, and no loop."""
        return self.prediction.stop is StopReason.STOP and UNCONFIRMED not in self.issues

    def on(self, view: PageView) -> "PageAnswer":
        """The same answer for another page that looks the same: place and size are that page's."""
        pixels = {"width_px": self.view.width_px, "height_px": self.view.height_px, "digest": self.view.digest}
        return self.model_copy(update={"view": view.model_copy(update=pixels)})


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

    @property
    def text(self) -> str:
        """What it says, without markup and boxes."""
        blocks = parse_prediction(self.prediction, self.view).blocks
        cells = (cell.text for block in blocks if block.table for cell in block.table.cells)
        texts = (block.text for block in blocks if not block.table)
        return _TAG.sub(" ", " ".join((*texts, *cells)))


def judged(prediction: Prediction, view: PageView, loop: Loop | None) -> Attempt:
    """An attempt by what the engine said and what was found in it."""
    prediction = _cut_back(prediction, loop)
    return Attempt(view, prediction, _doubt(prediction, view, loop))


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
    return any(issue.code is IssueCode.EMPTY_ANSWER for issue in parse_prediction(prediction, view).issues)


def _numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(text))


def _trigrams(text: str) -> Counter[str]:
    letters = "".join(_LETTER.findall(text)).lower()
    return Counter(letters[at : at + 3] for at in range(len(letters) - 2))


def _share(one: Counter[str], other: Counter[str]) -> float:
    """Dice's coefficient; 1 for two empty ones."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0
