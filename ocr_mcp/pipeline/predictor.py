"""Gets the answers of engines, each computed once: in this process by single flight, between processes by claims."""

import hashlib
from collections.abc import Callable

import anyio
from pydantic import ValidationError

from ocr_mcp.cache import Cache
from ocr_mcp.engines.base import Engine
from ocr_mcp.errors import TaskNotSupportedError
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.families.registry import DEFAULT_MODEL
from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.model.images import PageView
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline.answers import PageAnswer
from ocr_mcp.pipeline.ladder import Ladder
from ocr_mcp.pipeline.orientation import Orientations
from ocr_mcp.pipeline.page_order import leave_queue, let_next_page_go, wait_for_engine
from ocr_mcp.pipeline.pictures import PagePicture
from ocr_mcp.pipeline.question import Question
from ocr_mcp.pipeline.retries import Patience, with_retries
from ocr_mcp.pipeline.single_flight import Flights
from ocr_mcp.sources.documents import OpenSource

OTHER_PROCESS_POLL_SECONDS = 0.2


class Predictor:
    """Asks the cache, then the engine.

    `cache` None keeps nothing. `engine_wait_seconds` is the time to wait for an engine that stopped answering.
    `fallback` returns the engine for pages that the chosen one cannot read; None lets no other engine read.
    `orientations` finds out which way up pages are; None takes them as they are.
    """

    def __init__(
        self,
        cache: Cache | None,
        *,
        engine_wait_seconds: float = 0.0,
        fallback: Callable[[], Engine] | None = None,
        orientations: Orientations | None = None,
    ) -> None:
        self.cache = cache
        self._engine_wait_seconds = engine_wait_seconds
        self._fallback = fallback
        self._orientations = orientations
        self._flights = Flights[PageAnswer]()
        self._patience: dict[str, Patience] = {}

    @property
    def fallback(self) -> Engine | None:
        """The engine that may read where the chosen one cannot; None if there is none."""
        return self._fallback() if self._fallback else None

    async def predict(self, engine: Engine, source: OpenSource, number: int, question: Question) -> PageAnswer:
        """Return the engine's answer to the page, computed now or before. Raises `OcrError`."""
        patience = self._patience_with(engine)
        picture, answer = await with_retries(lambda: self._predict(engine, source, number, question), patience)
        if not picture.is_unseen:
            return answer
        leave_queue()
        picture.put_down()  # many pages may wait here, and their pictures would fill the memory
        upright = await picture.look_after_all()
        if upright is None:
            return answer
        turned = await with_retries(lambda: self._answer(engine, picture, question), patience)
        return turned.model_copy(update={"issues": (_note_turn(upright.view()), *turned.issues)})

    async def profile(self, engine: Engine) -> ModelFamily:
        """Return the facts about the engine's model. An engine that is gone is waited for, as for an answer."""
        return await with_retries(engine.profile, self._patience_with(engine))

    async def view(self, engine: Engine, source: OpenSource, number: int, question: Question) -> PageView:
        """Describe the picture of the page that the engine would get, turned upright."""
        picture = self._picture(await self.profile(engine), source, number, question)
        view = await picture.view()
        upright = await picture.look_after_all() if picture.is_unseen else None
        return view if upright is None else upright.view()

    def _patience_with(self, engine: Engine) -> Patience:
        return self._patience.setdefault(engine.name, Patience(self._engine_wait_seconds))

    def _picture(self, profile: ModelFamily, source: OpenSource, number: int, question: Question) -> PagePicture:
        every = profile.look_at_every
        return PagePicture(
            source, number, profile.raster, question, self.cache, self._orientations, look_at_every=every
        )

    async def _predict(
        self, engine: Engine, source: OpenSource, number: int, question: Question
    ) -> tuple[PagePicture, PageAnswer]:
        profile = await engine.profile()
        if not profile.supports(question.task):
            raise _not_supported(engine.name, question.task)
        picture = self._picture(profile, source, number, question)
        return picture, await self._answer(engine, picture, question)

    async def _answer(self, engine: Engine, picture: PagePicture, question: Question) -> PageAnswer:
        """Return the answer to the picture as it is turned now."""
        fingerprint = await engine.fingerprint(question.task, question.query)
        view = await picture.view()
        turned = [f"turned {int(view.turn)}"] if view.turn else []
        key = _key("answer", view.digest, fingerprint, *turned)
        if self._flights.has(key):
            let_next_page_go()
        answer = await self._flights.run(key, lambda: self._recall_or_compute(key, engine, picture, question))
        return answer.move_to(view)

    async def _recall_or_compute(
        self, key: str, engine: Engine, picture: PagePicture, question: Question
    ) -> PageAnswer:
        if self.cache is None:
            return await self._ask(engine, picture, question)
        known = await self._recall_or_claim(self.cache, key, engine)
        if known is not None:
            return known
        return await self._compute(self.cache, key, engine, picture, question)

    def _is_wanted(self, answer: PageAnswer, engine: Engine) -> bool:
        """Return True if an answer from the cache comes from an engine that may read this page now."""
        return self._fallback is not None or answer.prediction.identity.engine == engine.name

    async def _recall_or_claim(self, cache: Cache, key: str, engine: Engine) -> PageAnswer | None:
        """Return the answer from the cache, or None once this process has the claim to compute it.

        Another process that computes it is waited for.
        """
        while True:
            found = await cache.get_or_claim(key)
            if isinstance(found, bytes):
                answer = _parse_kept(found)
                if answer is not None and self._is_wanted(answer, engine):
                    return answer
                found = await cache.claim(key)
            if found:
                return None
            let_next_page_go()
            await anyio.sleep(OTHER_PROCESS_POLL_SECONDS)

    async def _compute(
        self, cache: Cache, key: str, engine: Engine, picture: PagePicture, question: Question
    ) -> PageAnswer:
        """Ask the engine while this process holds the claim; putting the answer in the cache ends the claim."""
        is_kept = False
        try:
            async with cache.hold_claim(key):
                answer = await self._ask(engine, picture, question)
            # A cut or looping answer is not kept: the next read should try again.
            if answer.is_good:
                await cache.put(key, answer.model_dump_json().encode())
                is_kept = True
            return answer
        finally:
            if not is_kept:
                await cache.release(key)

    async def _ask(self, engine: Engine, picture: PagePicture, question: Question) -> PageAnswer:
        ladder = Ladder(engine, await engine.profile(), question, picture, self.fallback)
        image = await picture.image()
        await wait_for_engine()
        return await ladder.read(image)


def _parse_kept(value: bytes) -> PageAnswer | None:
    """Return the answer; None for one that another version of this program wrote in another form."""
    try:
        return PageAnswer.model_validate_json(value)
    except ValidationError:
        return None


def _not_supported(engine: str, task: Task) -> TaskNotSupportedError:
    return TaskNotSupportedError(
        f"The engine '{engine}' cannot do the task '{task.value}'.",
        hint=f"A vision model can: install Ollama, run 'ollama pull {DEFAULT_MODEL}', and use the engine 'ollama'.",
    )


def _note_turn(view: PageView) -> PageIssue:
    message = f"The page was read again turned by {int(view.turn)} degrees, because it was not upright."
    return PageIssue(code=IssueCode.REREAD, message=message)


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"
