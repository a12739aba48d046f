"""What is asked of every page."""

from dataclasses import dataclass
from enum import StrEnum

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.predictions import Task


class TextLayerPolicy(StrEnum):
    """Whether a PDF's own text is used: where it can be trusted, always, or never."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of a page: a task, what it looks for, and the part of the page that it is about (None: all of it)."""

    task: Task
    query: str | None = None
    region: BoundingBox | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """`region` is in page units; `query` is what `Task.LOCATE` looks for."""

    task: Task = Task.MARKDOWN
    query: str | None = None
    region: BoundingBox | None = None
    text_layer: TextLayerPolicy = TextLayerPolicy.AUTO

    @property
    def may_use_text_layer(self) -> bool:
        """Only the tasks that want the page's text can take it from the PDF."""
        wants_text = self.task in (Task.MARKDOWN, Task.TEXT) and self.region is None
        return wants_text and self.text_layer is not TextLayerPolicy.NEVER
