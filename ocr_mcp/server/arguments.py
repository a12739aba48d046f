"""Arguments of the tools, described for the model that calls them."""

from typing import Annotated

from pydantic import Field, WithJsonSchema

from ocr_mcp.errors import UsageError
from ocr_mcp.model.geometry import BoundingBox, ordered_box
from ocr_mcp.model.options import Rotate, TextLayerPolicy
from ocr_mcp.model.predictions import Task

SOURCE = Field(
    description="Path on the machine of this server (absolute is best), file:// URL or data: URL."
    " PDF, PNG, JPEG, WebP, BMP, GIF, TIFF.",
    min_length=1,
)
PAGE = Field(ge=1, description="Page number, from 1. Frames of a TIFF are pages.")
REGION = Field(
    description="Only this part of the page: [left, top, right, bottom], in the unit that results use for boxes"
    " (points for PDFs, pixels for pictures), origin top left.",
    min_length=4,
    max_length=4,
)
ENGINE = Field(description="Only to force one engine; the default takes the best that is ready.")
TEXT_LAYER = Field(
    title="Text Layer",  # pydantic gives an enumeration no title
    description="Whether a PDF's own text is used: 'auto' (where it can be trusted), 'always', or 'never' (OCR).",
)
ROTATE = Field(
    title="Rotate",
    description="Only where pages come out turned the wrong way: degrees clockwise to turn them by, '0' for not at all,"
    " 'auto' to find out; the default is what the user set, mostly 'auto'.",
)
Rotation = Annotated[Rotate, WithJsonSchema({"enum": list(Rotate), "type": "string"})]
"""A `Rotate` whose JSON schema stands in its place: clients know enumerations better than references."""
VERIFY = Field(
    description="Read each page a second time with the embedded engine, and list where the two readings differ: numbers"
    " first. Slower, some seconds a page. Null does as the user's settings say."
)
TextLayer = Annotated[TextLayerPolicy, WithJsonSchema({"enum": list(TextLayerPolicy), "type": "string"})]


def checked_task(task: str, query: str | None) -> Task:
    """Return the task. Raises `UsageError` where it and the query do not go together."""
    if task == Task.LOCATE and not (query or "").strip():
        raise UsageError("The task 'locate' needs to know what to look for.", hint="Give it in 'query'.")
    if task != Task.LOCATE and query is not None:
        raise UsageError(f"'query' belongs to the task 'locate', not to '{task}'.", hint="Leave one of them out.")
    return Task(task)


def region_box(region: list[float] | None) -> BoundingBox | None:
    """Return four numbers as a box. Raises `UsageError` for a box without an area."""
    if region is None:
        return None
    box = ordered_box(region[0], region[1], region[2], region[3])
    if not box.area > 0:
        raise UsageError(
            "The region is empty.", hint="Give [left, top, right, bottom] with left < right, top < bottom."
        )
    return box
