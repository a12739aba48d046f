"""Reads tables that came without their cell marks again, from their place on the page; every step is recorded.

The model is asked first, with the other prompt for text, which may give a table of bars; then the embedded engine,
where it may read. Each question is about a part of a page, and is kept in the cache like any other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ocr_mcp.engines.base import Engine
from ocr_mcp.errors import OcrError
from ocr_mcp.model.blocks import Block, Table
from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.options import Rotate
from ocr_mcp.parsing.parsed import ParsedAnswer
from ocr_mcp.parsing.vlm.fused_tables import is_fused_block, refill_table
from ocr_mcp.pipeline.answers import PageAnswer
from ocr_mcp.pipeline.ladder import OTHER_PROMPTS
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.question import Question
from ocr_mcp.sources.documents import OpenSource

TABLE_MARGIN_RATIO = 0.03
"""Margin on every side, as a part of the table's width and height: text at the edge of a picture is read badly."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to read a table again. `how` is the middle of a sentence."""

    how: str
    ask: Callable[[], Awaitable[PageAnswer]]


class FusedTables:
    """Mends the fused tables of one answer, which `engine` gave to `question`."""

    def __init__(
        self, source: OpenSource, predictor: Predictor, engine: Engine, question: Question, answer: PageAnswer
    ) -> None:
        self._source = source
        self._predictor = predictor
        self._engine = engine
        self._question = question
        self._answer = answer

    async def parse(self) -> ParsedAnswer:
        """Return the blocks of the answer; tables whose cells could be told apart after all have them."""
        parsed = self._answer.parse()
        if self._question.task not in OTHER_PROMPTS or not any(map(is_fused_block, parsed.blocks)):
            return parsed
        blocks, steps = list[Block](), list[PageIssue]()
        for block in parsed.blocks:
            blocks.append(await self._mend(block, steps) if is_fused_block(block) else block)
        is_left = any(map(is_fused_block, blocks))
        issues = (each for each in parsed.issues if is_left or each.code is not IssueCode.FUSED_TABLE)
        return ParsedAnswer(tuple(blocks), (*issues, *dict.fromkeys(steps)))

    async def _mend(self, block: Block, steps: list[PageIssue]) -> Block:
        for way in await self._list_ways(block):
            steps.append(_note_step(f"A table without cell marks was read again {way.how}."))
            try:
                table = _find_fitting(await way.ask(), block)
            except OcrError as error:
                steps.append(_note_step(f"That failed: {error.message}"))
                continue
            if table is not None:
                steps.append(_note_step("That told its cells apart; its words are those of the first reading."))
                return block.model_copy(update={"table": table})
            steps.append(_note_step("That gave no table that says the same."))
        return block

    async def _list_ways(self, block: Block) -> list[_Way]:
        """Return the ways in their order. The model needs a box, to see the table alone; another engine does not."""
        region = self._find_place(block)
        turned = Rotate(str(int(self._answer.view.turn)))
        ways: list[_Way] = []
        other = OTHER_PROMPTS[self._question.task]
        if region is not None and (await self._engine.profile()).supports(other):
            ways.append(
                _Way(
                    "with another prompt",
                    lambda: self._ask(self._engine, Question(other, region=region, rotate=turned)),
                )
            )
        fallback = self._predictor.fallback
        if fallback is not None and fallback.name != self._engine.name:
            asked = Question(self._question.task, region=region or self._question.region, rotate=turned)
            ways.append(_Way(f"with the {fallback.name} engine", lambda: self._ask(fallback, asked)))
        return ways

    async def _ask(self, engine: Engine, question: Question) -> PageAnswer:
        return await self._predictor.predict(engine, self._source, self._answer.view.number, question)

    def _find_place(self, block: Block) -> BoundingBox | None:
        """Return the place of the table with a margin, in page units; None for a table without boxes."""
        if not block.boxes:
            return None
        whole = block.boxes[0]
        for box in block.boxes[1:]:
            whole = whole.union(box)
        return whole.expanded(TABLE_MARGIN_RATIO).clamped(self._answer.view.page_size)


def _find_fitting(answer: PageAnswer, block: Block) -> Table | None:
    """Return the first table of another reading that says what the block says, with the words of the block in it."""
    found = (each.table for each in answer.parse().blocks)
    return next((table for each in found if each is not None and (table := refill_table(block.text, each))), None)


def _note_step(message: str) -> PageIssue:
    return PageIssue(code=IssueCode.REREAD, message=message)
