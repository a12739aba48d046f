"""The interface between the pipeline and everything that can read a picture."""

from typing import Protocol

from ocr_mcp.families.base import ModelFamily
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import EngineIdentity, Prediction, StopReason, Task


class PredictionRequest(Frozen):
    """One question about one picture. `query` names the thing that `Task.LOCATE` looks for, None for all other tasks.

    `temperature` and `seed` None leave the engine's own, which is greedy; engines that do not sample ignore both.
    """

    image: PageImage
    task: Task
    query: str | None = None
    temperature: float | None = None
    seed: int | None = None


class Watcher(Protocol):
    """A function that is called while an answer grows."""

    def __call__(self, piece: str, /) -> StopReason | None:
        """Take the next piece of text. Returns a reason to end the answer here, None to go on."""
        ...


class Engine(Protocol):
    """Something that reads pictures.

    All errors are `EngineError`s. Cancelling `predict` stops the model: the stream to it is closed.
    """

    @property
    def name(self) -> str:
        """Name that the user types: `ollama`, `openai`, `embedded`."""
        ...

    @property
    def concurrency(self) -> int:
        """Number of predictions that the engine takes at once."""
        ...

    async def identify(self) -> EngineIdentity:
        """Return the model that would answer now. Cheap to repeat. Raises an `EngineError` as `predict` would."""
        ...

    async def profile(self) -> ModelFamily:
        """Return the facts about the model's family as they apply to this engine, which may have to be asked for."""
        ...

    async def predict(self, request: PredictionRequest, *, watch: Watcher | None = None) -> Prediction:
        """Read one picture. Retries nothing.

        Raises `TaskNotSupportedError` before any work where the profile has no prompt for the task. An answer cut by
        the token limit or by `watch` is returned with its `stop`; one cut by a failure is raised, never returned.
        """
        ...

    async def fingerprint(self, task: Task, query: str | None) -> str:
        """Return a short hash of all that changes an answer: model digest, prompt, options, generation."""
        ...

    async def aclose(self) -> None:
        """Close connections and end processes."""
        ...
