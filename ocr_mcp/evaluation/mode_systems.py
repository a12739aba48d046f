"""A model in one of its modes, as a system that is judged."""

from ocr_mcp.app import Reader
from ocr_mcp.errors import TaskNotSupportedError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.modes import FAMILY, Mode, generation_of, profile_for, refusal, vision_tokens
from ocr_mcp.evaluation.own import OwnSystem
from ocr_mcp.evaluation.systems import Output
from ocr_mcp.model.predictions import EngineIdentity
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.settings import Settings


class ModeSystem:
    """A `System` that sends pictures for one mode, and checks by the tokens of each request that it was used."""

    def __init__(self, mode: Mode, settings: Settings, options: ReadOptions) -> None:
        self.mode = mode
        self.name = f"{settings.engine}, {mode.name}"
        self._settings = settings
        self._options = options
        self._own: OwnSystem | None = None

    @property
    def concurrency(self) -> int:
        """As many pages as the engine takes at once; 1 before it is known."""
        return self._own.concurrency if self._own else 1

    async def __aenter__(self) -> "ModeSystem":
        """Raises `TaskNotSupportedError` where the engine cannot have the mode."""
        identity = await self._identity()
        reason = refusal(self.mode, identity)
        if reason is not None:
            raise TaskNotSupportedError(reason, hint="docs/quality.md says which engine has which mode.")
        profile = profile_for(self.mode, generation_of(identity))
        self._own = OwnSystem(self.name, self._settings, self._options, profile=profile)
        await self._own.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._own is not None:
            await self._own.__aexit__()

    async def read(self, case: Case) -> Output:
        """Read one case. `mode_tokens` is None where the engine did something else than the mode."""
        assert self._own is not None  # noqa: S101  a system is read with while it is open
        output = await self._own.read(case)
        prompt = FAMILY.prompts[self._options.task].text
        return output.model_copy(update={"mode_tokens": vision_tokens(self.mode, output.usage, prompt)})

    async def _identity(self) -> EngineIdentity:
        async with Reader(self._settings) as reader:
            chosen = await reader.engines.choose(self._settings.engine, self._options.task)
            return await chosen.engine.identify()
