"""The choice of the engine `auto`: Ollama where it can read now, else the embedded engine with a warning."""

from ocr_mcp.engines.base import Engine
from ocr_mcp.errors import EngineError, TaskNotSupportedError
from ocr_mcp.model.predictions import Task


async def pick_engine(best: Engine, fallback: Engine, task: Task) -> tuple[Engine, str | None]:
    """Return `best` if it is ready, else `fallback` and a warning with the reason and a remedy.

    Raises `TaskNotSupportedError` where only `best` could do the task.
    """
    try:
        await best.identify()
    except EngineError as error:
        if not (await fallback.profile()).supports(task):
            raise TaskNotSupportedError(
                f"The task '{task.value}' needs a vision model, and there is none: {error.message}", hint=error.hint
            ) from error
        return fallback, f"Read with the {fallback.name} engine, which is simpler: {error.message} {error.hint}".strip()
    return best, None
