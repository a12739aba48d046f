"""Answers of engines, each computed once: within this process by single flight, between processes by claims."""

import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import anyio
from pydantic import ValidationError

from ocr_mcp.cache import Cache
from ocr_mcp.cache.claims import CLAIM_SECONDS
from ocr_mcp.companions import companions
from ocr_mcp.engines.base import Engine
from ocr_mcp.engines.profiles import ModelProfile
from ocr_mcp.errors import TaskNotSupportedError
from ocr_mcp.model.images import PageView
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline.answers import PageAnswer
from ocr_mcp.pipeline.flights import Flights
from ocr_mcp.pipeline.ladder import Ladder
from ocr_mcp.pipeline.options import Question
from ocr_mcp.pipeline.orientation import Orientations
from ocr_mcp.pipeline.pictures import PagePicture
from ocr_mcp.pipeline.retries import Patience, with_retries
from ocr_mcp.pipeline.turns import my_turn, pass_my_turn
from ocr_mcp.sources.documents import OpenSource

OTHER_PROCESS_POLL_SECONDS = 0.2


class Predictor:
    """Asks engines, and the cache first.

    `cache` None keeps nothing. `engine_wait_seconds` is how long an engine that stopped answering is waited for.
    `fallback` gives the engine for pages that the chosen one cannot read; None where no other engine may read.
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
        """The engine that may read where the chosen one cannot."""
        return self._fallback() if self._fallback else None

    async def predict(self, engine: Engine, source: OpenSource, number: int, question: Question) -> PageAnswer:
        """The engine's answer to the page, and what the picture showed, computed now or before."""
        patience = self._patience.setdefault(engine.name, Patience(self._engine_wait_seconds))
        return await with_retries(lambda: self._predict(engine, source, number, question), patience)

    async def view(self, engine: Engine, source: OpenSource, number: int, question: Question) -> PageView:
        """What the engine's picture of the page would show, and which way up."""
        return await self._picture(await engine.profile(), source, number, question).view()

    def _picture(self, profile: ModelProfile, source: OpenSource, number: int, question: Question) -> PagePicture:
        every = profile.look_at_every
        return PagePicture(
            source, number, profile.raster, question, self.cache, self._orientations, look_at_every=every
        )

    async def _predict(self, engine: Engine, source: OpenSource, number: int, question: Question) -> PageAnswer:
        profile = await engine.profile()
        if not profile.supports(question.task):
            raise _not_supported(engine.name, question.task)
        fingerprint = await engine.fingerprint(question.task, question.query)
        picture = self._picture(profile, source, number, question)
        view = await picture.view()
        turned = [f"turned {int(view.turn)}"] if view.turn else []
        key = _key("answer", view.digest, fingerprint, *turned)
        answer = await self._known(key)
        if answer is None or not self._is_wanted(answer, engine):
            if self._flights.has(key):
                pass_my_turn()
            answer = await self._flights.run(key, lambda: self._compute(key, engine, picture, question))
        return answer.on(view)

    def _is_wanted(self, answer: PageAnswer, engine: Engine) -> bool:
        """Whether an answer that was kept comes from an engine that may read this page now."""
        return self._fallback is not None or answer.prediction.identity.engine == engine.name

    async def _known(self, key: str) -> PageAnswer | None:
        value = await self.cache.get(key) if self.cache else None
        if value is None:
            return None
        try:
            return PageAnswer.model_validate_json(value)
        except ValidationError:
            # Kept by another version of this program, which wrote answers in another way.
            return None

    async def _compute(self, key: str, engine: Engine, picture: PagePicture, question: Question) -> PageAnswer:
        async with self._claimed(key):
            # The process that held the claim before may have left the answer.
            known = await self._known(key)
            if known is not None and self._is_wanted(known, engine):
                return known
            return await self._ask(key, engine, picture, question)

    async def _ask(self, key: str, engine: Engine, picture: PagePicture, question: Question) -> PageAnswer:
        ladder = Ladder(engine, await engine.profile(), question, picture, self.fallback)
        image = await picture.image()
        await my_turn()
        answer = await ladder.read(image)
        # A cut or looping answer is not kept: the next read should try again.
        if self.cache and answer.is_good:
            await self.cache.put(key, answer.model_dump_json().encode())
        return answer

    @asynccontextmanager
    async def _claimed(self, key: str) -> AsyncGenerator[None]:
        """Hold the claim on a key, or wait until the process that holds it has answered or is gone."""
        if self.cache is None:
            yield
            return
        while not await self._mine_or_known(self.cache, key):
            pass_my_turn()
            await anyio.sleep(OTHER_PROCESS_POLL_SECONDS)
        try:
            async with companions() as tasks:
                tasks.start_soon(_renew, self.cache, key)
                yield
        finally:
            with anyio.CancelScope(shield=True):
                await self.cache.release(key)

    async def _mine_or_known(self, cache: Cache, key: str) -> bool:
        return await cache.claim(key) or await self._known(key) is not None


def _not_supported(engine: str, task: Task) -> TaskNotSupportedError:
    return TaskNotSupportedError(
        f"The engine '{engine}' cannot do the task '{task.value}'.",
        hint="A vision model can: install Ollama, run 'ollama pull deepseek-ocr', and use the engine 'ollama'.",
    )


async def _renew(cache: Cache, key: str) -> None:
    while True:
        await anyio.sleep(CLAIM_SECONDS / 3)
        await cache.claim(key)


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"
