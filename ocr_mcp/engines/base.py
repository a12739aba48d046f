"""The narrow seam between the pipeline and everything that can read a picture."""

from typing import Protocol

from ocr_mcp.families.base import ModelFamily
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import EngineIdentity, Prediction, StopReason, Task


class PredictionRequest(Frozen):
    """One question about one picture. `query` is what `Task.LOCATE` looks for, None for all other tasks.

    `temperature` and `seed` None are the engine's own, which is greedy; engines that do not sample ignore both.
    """

    image: PageImage
    task: Task
    query: str | None = None
    temperature: float | None = None
    seed: int | None = None


class Watcher(Protocol):
    """Sees an answer grow."""

    def __call__(self, piece: str, /) -> StopReason | None:
        """Called with each new piece of text; names a reason to end the answer here."""
        ...


class Engine(Protocol):
    """Something that reads pictures.

    All errors are `EngineError`s. Cancelling `predict` stops the model: the stream to it is closed.
    """

    @property
    def name(self) -> str:
        """What the user types: `ollama`, `openai`, `embedded`."""
        ...

    @property
    def concurrency(self) -> int:
        """How many predictions it takes at once."""
        ...

    async def identify(self) -> EngineIdentity:
        """Who would answer now; cheap to repeat. Raises the `EngineError` that `predict` would raise."""
        ...

    async def profile(self) -> ModelFamily:
        """The facts about the model behind it, which need its identity where the engine's generation changes them."""
        ...

    async def predict(self, request: PredictionRequest, *, watch: Watcher | None = None) -> Prediction:
        """Read one picture. Retries nothing.

        Raises `TaskNotSupportedError` before any work where the profile has no prompt for the task. An answer cut by
        the token limit or by `watch` is returned with its `stop`; one cut by a failure is raised, never returned.
        """
        ...

    async def fingerprint(self, task: Task, query: str | None) -> str:
        """All that changes an answer (model digest, prompt, options, generation), as a short hash."""
        ...

    async def aclose(self) -> None:
        """Let go of connections and processes."""
        ...
