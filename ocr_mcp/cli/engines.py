"""The work of `ocr-mcp engines`."""

from ocr_mcp.app import EngineStatus, Reader
from ocr_mcp.cli.output import write_stdout
from ocr_mcp.settings import load_settings


async def show_engines() -> int:
    """One paragraph an engine. Returns the exit code: 0 if any is ready."""
    async with Reader(load_settings()) as reader:
        statuses = await reader.engine_statuses()
    write_stdout("\n".join(_engine_line(status) for status in statuses))
    return 0


def _engine_line(status: EngineStatus) -> str:
    if status.identity is None:
        problem = status.problem
        return (
            f"{status.name:9} not ready  {problem.message} {problem.hint}" if problem else f"{status.name:9} not ready"
        )
    identity = status.identity
    facts = [identity.model, identity.version, identity.host, identity.device and identity.device.value]
    return f"{status.name:9} ready      {', '.join(fact for fact in facts if fact)}"
