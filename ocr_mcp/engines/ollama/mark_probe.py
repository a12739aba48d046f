"""A probe that asks a model to read a page drawn for it, to see if its answers hold special tokens."""

import hashlib
from importlib.resources import files

from ocr_mcp.engines.base import Engine, PredictionRequest
from ocr_mcp.model.geometry import PageUnit, Size, whole_page
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import StopReason, Task

_SIDE_PX = 640


async def answers_hold_marks(engine: Engine) -> bool:
    """Return True if a special token of the model's family comes in the answer to a page with a table.

    The answer is ended with the first one. Raises `EngineError`.
    """
    marks = (await engine.profile()).special_tokens
    text = ""

    def holds_mark(answer: str) -> bool:
        return any(mark in answer for mark in marks)

    def watch(piece: str) -> StopReason | None:
        nonlocal text
        text += piece
        return StopReason.LENGTH if holds_mark(text) else None

    prediction = await engine.predict(PredictionRequest(image=_page(), task=Task.MARKDOWN), watch=watch)
    return holds_mark(prediction.text)


def _page() -> PageImage:
    """Return a page of 640 x 640 px with a heading, a line, a table of 3 x 3 and a total."""
    data = files("ocr_mcp.engines.ollama").joinpath("probe_page.png").read_bytes()
    size = Size(width=_SIDE_PX, height=_SIDE_PX)
    return PageImage(
        number=1,
        page_size=size,
        unit=PageUnit.PIXEL,
        region=whole_page(size),
        width_px=_SIDE_PX,
        height_px=_SIDE_PX,
        digest=hashlib.sha256(data).hexdigest(),
        media_type="image/png",
        data=data,
    )
