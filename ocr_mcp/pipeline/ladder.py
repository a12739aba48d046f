"""Reads a page again whose answer loops, is cut off or is empty, each time in another way; every step is recorded.

A page that is not upright is turned first. Then the picture is changed, because a model at temperature 0 answers
differently to nothing else; then the prompt; then the temperature. Another engine comes last. The order is from
reports of users and from olmOCR.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocr_mcp.engines.base import Engine, PredictionRequest
from ocr_mcp.errors import OcrError
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.model.images import PageImage, Raster
from ocr_mcp.model.predictions import ResponseFormat, Task
from ocr_mcp.parsing.loops.guard import LoopGuard
from ocr_mcp.pipeline.answers import (
    UNCONFIRMED,
    Attempt,
    Doubt,
    PageAnswer,
    join_attempts,
    judge_prediction,
    say_the_same,
)
from ocr_mcp.pipeline.question import Question

SMALLER_EDGE_RATIO = 0.8
"""The long edge of the second picture, as a part of the first one's."""
CUT_TASKS = (Task.MARKDOWN, Task.TEXT, Task.LINES)
"""Tasks whose pages may be read in halves: these say all the text, while half a chart says something else."""
TEMPERATURE = 0.2
SEED = 1
OTHER_PROMPTS = {Task.MARKDOWN: Task.TEXT, Task.TEXT: Task.MARKDOWN}
"""The other prompt that asks for the text of the page, by task."""


class Picture(Protocol):
    """The part of the page that is read, for drawing it in other ways."""

    async def draw(self, raster: Raster) -> PageImage:
        """Draw the part in another size."""
        ...

    async def turn_after_all(self) -> PageImage | None:
        """Draw the part upright, where a close look shows that it was not; None where it was."""
        ...

    async def draw_halves(self) -> Sequence[PageImage]:
        """Draw the part in two halves that overlap, or meet in white space."""
        ...


@dataclass(frozen=True, slots=True)
class _Rung:
    """One way to read the page again. `how` is the middle of a sentence."""

    how: str
    read: Callable[[], Awaitable[Attempt]]


class Ladder:
    """Reads one page with `engine`, and again where the answer cannot be right.

    `picture` draws the same part of the page in other ways. `fallback` is the engine that reads last; None lets no
    other engine read.
    """

    def __init__(
        self, engine: Engine, profile: ModelFamily, question: Question, picture: Picture, fallback: Engine | None
    ) -> None:
        self._engine = engine
        self._profile = profile
        self._question = question
        self._picture = picture
        self._fallback = fallback if fallback is not None and fallback.name != engine.name else None

    async def read(self, image: PageImage) -> PageAnswer:
        """Return the first answer that can be taken as it is; without one, the answer that says most.

        Raises the errors of the first reading. Later readings that fail are recorded as steps that did not help.
        """
        first = await self._ask(image)
        if first.doubt is None or first.prediction.format is ResponseFormat.RECOGNIZED_LINES:
            return first.to_answer()
        upright = await self._picture.turn_after_all()
        rungs = await self._list_rungs(upright or image, first.doubt)
        if upright is not None:
            rungs.insert(0, _Rung(f"turned by {int(upright.turn)} degrees", lambda: self._ask(upright)))
        return await self._climb(first, rungs)

    async def _climb(self, first: Attempt, rungs: Sequence[_Rung]) -> PageAnswer:
        attempts, steps = [first], list[PageIssue]()
        for rung in rungs:
            steps.append(_note_step(f"The page was read again {rung.how}, because {attempts[-1].doubt}."))
            try:
                attempts.append(await rung.read())
            except OcrError as error:
                steps.append(_note_step(f"That failed: {error.message}"))
                continue
            taken = _find_acceptable(attempts)
            if taken is not None:
                confirmed = (_note_step("It confirmed the repetitive answer."),) if taken.doubt else ()
                return taken.to_answer((*steps, *confirmed))
        return _choose_best(attempts, steps)

    async def _list_rungs(self, image: PageImage, doubt: Doubt) -> list[_Rung]:
        """Return the ways to read again, in their order.

        An answer that may well be right is soon given to another engine: a table of numbers, a page without text.
        """
        picture = _Rung("from a smaller picture", lambda: self._ask_smaller(image))
        halves = [_Rung("in two halves", lambda: self._ask_halves(image))] if self._question.task in CUT_TASKS else []
        prompt = _Rung("with another prompt", lambda: self._ask(image, task=OTHER_PROMPTS[self._question.task]))
        warmer = _Rung(f"at temperature {TEMPERATURE}", lambda: self._ask(image, temperature=TEMPERATURE, seed=SEED))
        other_task = OTHER_PROMPTS.get(self._question.task)
        other_prompt = [prompt] if other_task is not None and self._profile.supports(other_task) else []
        fallback = await self._list_fallback()
        if doubt in (Doubt.REPETITIVE, Doubt.EMPTY) and fallback:
            return [picture, *fallback]
        return [picture, *halves, *other_prompt, warmer, *fallback]

    async def _list_fallback(self) -> list[_Rung]:
        engine = self._fallback
        if engine is None or not (await engine.profile()).supports(self._question.task):
            return []
        return [_Rung(f"with the {engine.name} engine", lambda: self._ask_fallback(engine))]

    async def _ask_smaller(self, image: PageImage) -> Attempt:
        long_edge = max(1, round(SMALLER_EDGE_RATIO * max(image.width_px, image.height_px)))
        return await self._ask(await self._picture.draw(Raster(long_edge_px=long_edge)))

    async def _ask_halves(self, image: PageImage) -> Attempt:
        return join_attempts([await self._ask(half) for half in await self._picture.draw_halves()], image.view())

    async def _ask(
        self, image: PageImage, *, task: Task | None = None, temperature: float | None = None, seed: int | None = None
    ) -> Attempt:
        asked = PredictionRequest(
            image=image,
            task=task or self._question.task,
            query=self._question.query,
            temperature=temperature,
            seed=seed,
        )
        return await self._predict_watched(self._engine, self._profile, asked)

    async def _ask_fallback(self, engine: Engine) -> Attempt:
        profile = await engine.profile()
        image = await self._picture.draw(profile.raster)
        asked = PredictionRequest(image=image, task=self._question.task, query=self._question.query)
        return await self._predict_watched(engine, profile, asked)

    async def _predict_watched(self, engine: Engine, profile: ModelFamily, asked: PredictionRequest) -> Attempt:
        guard = LoopGuard(profile.loop)
        prediction = await engine.predict(asked, watch=guard)
        prediction = prediction.model_copy(update={"task": self._question.task})
        return judge_prediction(prediction, asked.image.view(), guard.loop)


def _find_acceptable(attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the latest attempt, or one that it confirms; None if neither can be taken.

    Only another engine confirms what repeats: a model that looped twice may do so in the same way.
    """
    latest = attempts[-1]
    if latest.doubt is not None:
        return None
    repetitive = [each for each in attempts if each.doubt is Doubt.REPETITIVE]
    if latest.prediction.identity.engine == attempts[0].prediction.identity.engine:
        return latest
    return next((each for each in repetitive if say_the_same(each, latest)), latest)


def _choose_best(attempts: Sequence[Attempt], steps: Sequence[PageIssue]) -> PageAnswer:
    """Return the first answer where all are empty, because then the page is; else the attempt that says most."""
    if all(each.doubt is Doubt.EMPTY for each in attempts):
        return attempts[0].to_answer(steps)
    best = max(attempts, key=lambda each: len(each.text))
    unconfirmed = (UNCONFIRMED,) if best.doubt is Doubt.REPETITIVE else ()
    return best.to_answer((*unconfirmed, *steps))


def _note_step(message: str) -> PageIssue:
    return PageIssue(code=IssueCode.REREAD, message=message)
