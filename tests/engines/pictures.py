"""Pictures for engines whose test servers look at their size only."""

import hashlib
import io

from PIL import Image

from ocr_mcp.engines.base import PredictionRequest
from ocr_mcp.model.geometry import PageUnit, Size, whole_page
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import Task


def blank_page(width: int = 595, height: int = 842) -> PageImage:
    """A white page, A4 at 72 dpi unless told."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "JPEG")
    size = Size(width=width, height=height)
    return PageImage(
        number=1,
        page_size=size,
        unit=PageUnit.PIXEL,
        region=whole_page(size),
        width_px=width,
        height_px=height,
        media_type="image/jpeg",
        data=buffer.getvalue(),
        digest=hashlib.sha256(buffer.getvalue()).hexdigest(),
    )


def ask(
    task: Task = Task.MARKDOWN, *, query: str | None = None, width: int = 595, height: int = 842
) -> PredictionRequest:
    """A question about a white page."""
    return PredictionRequest(image=blank_page(width, height), task=task, query=query)
