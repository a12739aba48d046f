"""The question that an engine is asked about a page."""

from dataclasses import dataclass

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.options import Rotate
from ocr_mcp.model.predictions import Task


@dataclass(frozen=True, slots=True)
class Question:
    """A task, the text that `Task.LOCATE` looks for, and the part of the page that it is about (None: all of it)."""

    task: Task
    query: str | None = None
    region: BoundingBox | None = None
    rotate: Rotate = Rotate.AUTO
