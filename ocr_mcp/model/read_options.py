"""The options that hold for every page of a read."""

from dataclasses import dataclass

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.options import Rotate, TextLayerPolicy
from ocr_mcp.model.predictions import Task


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The options of a read, which hold for every page.

    `query` is the text that `Task.LOCATE` looks for. `region` is the part of each page to read, in page units; None
    reads the whole page. `verify` says whether each page gets a second opinion. `rotate` and `verify` None take the
    value from the settings.
    """

    task: Task = Task.MARKDOWN
    query: str | None = None
    region: BoundingBox | None = None
    text_layer: TextLayerPolicy = TextLayerPolicy.AUTO
    rotate: Rotate | None = None
    verify: bool | None = None

    @property
    def may_use_text_layer(self) -> bool:
        """True where a PDF's own text may answer: only for the text of a whole page."""
        wants_text = self.task in (Task.MARKDOWN, Task.TEXT) and self.region is None
        return wants_text and self.text_layer is not TextLayerPolicy.NEVER


AS_CONFIGURED = ReadOptions()
"""Markdown of whole pages, and everything else as the settings say."""
