"""RapidOCR from its wheel: no GPU, no server, no download. One child process a core, each on one page at a time."""

import hashlib
import os
import time
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from pydantic import JsonValue, TypeAdapter

from ocr_mcp.engines.answers import prompt_for
from ocr_mcp.engines.base import PredictionRequest, Watcher
from ocr_mcp.engines.configuration import EngineSettings
from ocr_mcp.errors import EngineCrashedError, EngineTimeoutError, EngineUnavailableError
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.families.rapidocr import RAPIDOCR
from ocr_mcp.model.predictions import Device, EngineIdentity, Prediction, StopReason, Task
from ocr_mcp.model.text_layers import RecognizedSnippet
from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.pool import WorkerPool
from ocr_mcp.workers.process import WorkerError, WorkerLimits, WorkerTimeoutError

MODEL = "PP-OCRv6-small"
"""The detection and recognition models that the rapidocr 3.10 wheel carries."""

MAX_MEMORY_BYTES = 8_000_000_000
"""Limit of address space, of which onnxruntime maps more than it uses: 4.4 GB for the largest picture it is sent."""

READING_REVISION = 6
"""Raise this number when the same picture would be read otherwise, so that cached answers are computed anew."""

_SNIPPETS = TypeAdapter(list[RecognizedSnippet])


class EmbeddedEngine:
    """An `Engine` without a server. `workers` None is one a core; `page_seconds` is the deadline of one page."""

    name = "embedded"

    def __init__(self, *, workers: int | None = None, page_seconds: float = 300) -> None:
        self.concurrency = workers or os.cpu_count() or 1
        self._page_seconds = page_seconds
        limits = WorkerLimits(memory_bytes=MAX_MEMORY_BYTES, calls=2000)
        self._pool = WorkerPool("ocr_mcp.engines.embedded.worker", size=self.concurrency, limits=limits)

    @property
    def sandbox(self) -> tuple[str, ...]:
        """Means that confine the processes that read, see `ocr_mcp.workers.sandbox`; empty before one has started."""
        return self._pool.sandbox

    async def identify(self) -> EngineIdentity:
        """Return the versions of RapidOCR. Raises `EngineUnavailableError` where it is not installed."""
        return _identity()

    async def profile(self) -> ModelFamily:
        """Return the facts about RapidOCR."""
        return RAPIDOCR

    async def predict(self, request: PredictionRequest, *, watch: Watcher | None = None) -> Prediction:
        """Read one picture in a child process. `watch` is not called: the answer comes in one piece and cannot loop."""
        del watch
        prompt = prompt_for(RAPIDOCR, request.task, request.query)
        identity = await self.identify()
        started = time.monotonic()
        text = (await self._call("recognize", {}, request.image.data)).decode()
        return Prediction(
            task=request.task,
            text=text,
            format=prompt.format,
            stop=StopReason.STOP,
            identity=identity,
            seconds=time.monotonic() - started,
            family=RAPIDOCR.name,
        )

    async def recognize_snippets(self, pictures: Sequence[bytes]) -> list[RecognizedSnippet]:
        """Return the text of pictures of one line each, in order. No lines are detected, only recognised."""
        await self.identify()
        sizes: list[JsonValue] = [len(picture) for picture in pictures]
        answer = await self._call("recognize_snippets", {"sizes": sizes}, b"".join(pictures))
        return _SNIPPETS.validate_json(answer)

    async def _call(self, op: str, arguments: Header, payload: bytes) -> bytes:
        try:
            async with self._pool.lease() as worker:
                _, answer = await worker.call(op, arguments, payload, deadline_seconds=self._page_seconds)
        except WorkerTimeoutError as error:
            raise EngineTimeoutError(
                f"The embedded engine read one page for {self._page_seconds:.0f} s and was stopped.",
                hint="Give it longer with OCR_MCP_PAGE_SECONDS, or read a part of the page with a region.",
            ) from error
        except WorkerError as error:
            raise EngineCrashedError(
                "The embedded engine failed on the page.",
                hint="The machine may be out of memory: set OCR_MCP_EMBEDDED_WORKERS=1 and read the page again.",
            ) from error
        return answer

    async def fingerprint(self, task: Task, query: str | None) -> str:
        """Return the hash of the models, the packages' versions and the revision of the worker."""
        del query
        identity = _identity()
        parts = (identity.model, identity.version, task.value, READING_REVISION)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]

    async def aclose(self) -> None:
        """End the child processes."""
        await self._pool.aclose()


def make_engine(settings: EngineSettings, profile: ModelFamily | None) -> EmbeddedEngine:
    """Make the engine from settings. It reads with one family only, so `profile` says nothing to it."""
    del profile
    return EmbeddedEngine(workers=settings.embedded_workers, page_seconds=settings.page_seconds)


@cache
def _identity() -> EngineIdentity:
    try:
        rapidocr, runtime = version("rapidocr"), version("onnxruntime")
    except PackageNotFoundError as error:
        raise EngineUnavailableError(
            f"The embedded engine needs the package '{error.name}', which is not installed.",
            hint="Reinstall with 'pip install --force-reinstall ollama-ocr-mcp'.",
        ) from error
    return EngineIdentity(
        engine="embedded", model=MODEL, version=f"rapidocr {rapidocr}, onnxruntime {runtime}", device=Device.CPU
    )
