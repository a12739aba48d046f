"""Which engine reads: decided when the first page needs one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ocr_mcp.engines.base import Engine
from ocr_mcp.model.predictions import Task


@dataclass(frozen=True, slots=True)
class ChosenEngine:
    """The engine for this read, and what the user should know about the choice."""

    engine: Engine
    warnings: tuple[str, ...] = ()


ChooseEngine = Callable[[Task], Awaitable[ChosenEngine]]
"""Called when a page needs an engine for a task: a document that carries its own text needs none."""
