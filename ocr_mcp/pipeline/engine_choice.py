"""The choice of the engine, which is made when the first page needs one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ocr_mcp.engines.base import Engine
from ocr_mcp.model.predictions import Task


@dataclass(frozen=True, slots=True)
class ChosenEngine:
    """The engine for this read. `warnings` are sentences that tell the user about the choice."""

    engine: Engine
    warnings: tuple[str, ...] = ()


ChooseEngine = Callable[[Task], Awaitable[ChosenEngine]]
"""Returns the engine for a task. It is called by the first page that needs one: pages with their own text need none."""
