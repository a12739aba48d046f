"""The work of `ocr-mcp engines`."""

from ocr_mcp.app import Reader
from ocr_mcp.app.configured_engines import EngineStatus
from ocr_mcp.cli.console import write_stdout
from ocr_mcp.cli.models import open_library
from ocr_mcp.errors import EngineError
from ocr_mcp.families.base import OllamaGeneration
from ocr_mcp.model.predictions import EngineIdentity
from ocr_mcp.settings import Settings, load_settings


async def show_engines() -> int:
    """Print a line for each engine, and advice where one loses marks. Returns the exit code 0."""
    settings = load_settings()
    async with Reader(settings) as reader:
        statuses = await reader.engines.statuses()
    lines = [_engine_line(status) for status in statuses]
    notes = [(each.name, await _lost_marks(each.identity, settings)) for each in statuses if each.identity is not None]
    lines += [f"{name:9} {note}" for name, note in notes if note is not None]
    write_stdout("\n".join(lines))
    return 0


async def _lost_marks(identity: EngineIdentity, settings: Settings) -> str | None:
    """Return advice where an Ollama drops marks of this very model from its answers; None where it is not known to."""
    if identity.host is None or identity.generation not in {OllamaGeneration.B.value, OllamaGeneration.C.value}:
        return None
    try:
        async with open_library(identity.host, settings) as library:
            parts = await library.parts(identity.model)
    except EngineError:
        return None
    if parts is None or not parts.dropped:
        return None
    return (
        f"leaves {' '.join(parts.dropped)} out of the answers of {identity.model}, so that cells of tables fuse:"
        f" run 'ocr-mcp models retag {identity.model}'."
    )


def _engine_line(status: EngineStatus) -> str:
    if status.identity is None:
        problem = status.problem
        return (
            f"{status.name:9} not ready  {problem.message} {problem.hint}" if problem else f"{status.name:9} not ready"
        )
    identity = status.identity
    facts = [identity.model, identity.version, identity.host, identity.device and identity.device.value]
    return f"{status.name:9} ready      {', '.join(fact for fact in facts if fact)}"
