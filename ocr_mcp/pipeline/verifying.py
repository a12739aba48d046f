"""Reads a page a second time, with the embedded engine, and compares the two readings."""

from collections.abc import Callable, Sequence

import anyio
import anyio.to_thread

from ocr_mcp.emitters.markdown import FIGURES
from ocr_mcp.emitters.text import block_to_text
from ocr_mcp.engines.base import Engine
from ocr_mcp.errors import OcrError
from ocr_mcp.model.blocks import Block, BlockLabel, BlockLine
from ocr_mcp.model.documents import Page, PageOrigin
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.options import Rotate
from ocr_mcp.model.predictions import EngineIdentity, Task
from ocr_mcp.model.read_options import ReadOptions
from ocr_mcp.model.scripts import is_foreign
from ocr_mcp.model.second_opinions import SecondOpinion
from ocr_mcp.parsing.answers import parse_prediction
from ocr_mcp.parsing.comparison.comparing import Passage, compare
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.question import Question
from ocr_mcp.sources.documents import OpenSource

MAX_LISTED_DIFFERENCES = 200
"""Differences that a page keeps. A page that has more was not read the same way at all."""

MAX_COMPARED_LINES = 2000
MAX_COMPARED_CHARACTERS = 60_000
"""Ten times as much as a full page holds; the same is true of the lines."""

SECOND_ENGINE = "embedded"

_COMPARED_TASKS = (Task.MARKDOWN, Task.TEXT, Task.LINES)
_NOT_COMPARED = FIGURES | {BlockLabel.FORMULA}


class Verifier:
    """Gives pages their second opinion. `second` returns the engine that reads again; its answers are cached, too."""

    def __init__(self, predictor: Predictor, second: Callable[[], Engine]) -> None:
        self._predictor = predictor
        self._second = second

    async def verify(self, source: OpenSource, page: Page, options: ReadOptions) -> Page:
        """Return the page with a second opinion, or with the reason why there is none.

        An error of the second reading is such a reason: the page is never lost over it.
        """
        reason = find_reason_not_to_compare(page)
        if reason is not None:
            opinion = SecondOpinion(agreement=None, reason=reason)
        else:
            opinion = await self._opinion(source, page, options)
        return page.model_copy(update={"second_opinion": opinion})

    async def _opinion(self, source: OpenSource, page: Page, options: ReadOptions) -> SecondOpinion:
        try:
            question = Question(Task.MARKDOWN, region=options.region, rotate=options.rotate or Rotate.AUTO)
            answer = await self._predictor.predict(self._second(), source, page.number, question)
        except OcrError as error:
            return SecondOpinion(agreement=None, reason=f"The second reading failed: {error.message}")
        seen = parse_prediction(answer.prediction, answer.view).blocks
        lines = [line for block in seen for line in block.lines]
        # In a thread, because a page that was read wrong from end to end takes half a second: the server must answer.
        return await anyio.to_thread.run_sync(compare_page, page, lines, answer.prediction.identity)


def find_reason_not_to_compare(page: Page) -> str | None:
    """Return the reason why a page can have no second opinion, whatever the second reading says; None if it can."""
    if page.task not in _COMPARED_TASKS:
        return f"The task '{page.task.value}' does not ask for the text of the page, so there is nothing to compare."
    itself = page.reading is not None and page.reading.identity.engine == SECOND_ENGINE
    if itself and page.origin is PageOrigin.OCR:
        return "The embedded engine read the page itself, and cannot be its own second opinion."
    if is_foreign(" ".join(block.text for block in page.blocks)):
        return "The embedded engine, which reads the second time, does not read this script."
    return None


def compare_page(page: Page, lines: Sequence[BlockLine], engine: EngineIdentity) -> SecondOpinion:
    """Compare the page with the lines that a second engine found on it.

    Figures, formulas and scripts that the second engine does not read are left out of both readings.
    """
    compared = {index for index, block in enumerate(page.blocks) if _is_compared(block)}
    passages = [
        Passage(block_to_text(page.blocks[index]), index, page.blocks[index].boxes) for index in sorted(compared)
    ]
    elsewhere = [box for index, block in enumerate(page.blocks) if index not in compared for box in block.boxes]
    inside = [box for passage in passages for box in passage.boxes]
    seen = [
        (line.text, line.box)
        for line in lines
        if not is_foreign(line.text) and (_is_in(line.box, inside) or not _is_in(line.box, elsewhere))
    ]
    if len(seen) > MAX_COMPARED_LINES or sum(len(passage.text) for passage in passages) > MAX_COMPARED_CHARACTERS:
        return SecondOpinion(agreement=None, reason="The page holds too much text to compare.", engine=engine)
    found = compare(passages, seen)
    if found.agreement is None:
        return SecondOpinion(agreement=None, reason="Neither reading found text to compare.", engine=engine)
    opinion = SecondOpinion(agreement=found.agreement, engine=engine, differences=found.differences)
    return opinion.shortened(MAX_LISTED_DIFFERENCES)


def _is_compared(block: Block) -> bool:
    return block.label not in _NOT_COMPARED and not is_foreign(block.text)


def _is_in(box: BoundingBox, boxes: Sequence[BoundingBox]) -> bool:
    """Return True if the middle of a box lies in one of the others."""
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return any(other.left <= x <= other.right and other.top <= y <= other.bottom for other in boxes)
