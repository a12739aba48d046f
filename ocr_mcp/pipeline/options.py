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


class Rotate(StrEnum):
    """How pages are turned before they are read: upright by what they show, or by so many degrees clockwise."""

    AUTO = "auto"
    NONE = "0"
    RIGHT = "90"
    HALF = "180"
    LEFT = "270"


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of a page: a task, what it looks for, and the part of the page that it is about (None: all of it)."""

    task: Task
    query: str | None = None
    region: BoundingBox | None = None
    rotate: Rotate = Rotate.AUTO


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """`region` is in page units; `query` is what `Task.LOCATE` looks for.

    `rotate` None is what the settings say; so is `verify`, which is whether each page gets a second opinion.
    """

    task: Task = Task.MARKDOWN
    query: str | None = None
    region: BoundingBox | None = None
    text_layer: TextLayerPolicy = TextLayerPolicy.AUTO
    rotate: Rotate | None = None
    verify: bool | None = None

    @property
    def may_use_text_layer(self) -> bool:
        """Only the tasks that want the page's text can take it from the PDF."""
        wants_text = self.task in (Task.MARKDOWN, Task.TEXT) and self.region is None
        return wants_text and self.text_layer is not TextLayerPolicy.NEVER
