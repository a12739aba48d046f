"""Whether a model's answers hold their marks: asked of the model, with a page that is drawn for it."""

import hashlib
from importlib.resources import files

from ocr_mcp.engines.base import Engine, PredictionRequest
from ocr_mcp.engines.ollama.special_tokens import MARKS
from ocr_mcp.model.geometry import PageUnit, Size, whole_page
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import StopReason, Task

_SIDE = 640


async def answers_hold_marks(engine: Engine) -> bool:
    """Whether a mark comes in the answer to a page; the answer is ended with the first. Raises `EngineError`."""
    text = ""

    def watch(piece: str) -> StopReason | None:
        nonlocal text
        text += piece
        return StopReason.LENGTH if _holds_mark(text) else None

    prediction = await engine.predict(PredictionRequest(image=_page(), task=Task.MARKDOWN), watch=watch)
    return _holds_mark(prediction.text)


def _holds_mark(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def _page() -> PageImage:
    """A heading, a line, a table of 3 x 3 and a total, 640 px wide and high."""
    data = files("ocr_mcp.engines.ollama").joinpath("probe_page.png").read_bytes()
    size = Size(width=_SIDE, height=_SIDE)
    return PageImage(
        number=1,
        page_size=size,
        unit=PageUnit.PIXEL,
        region=whole_page(size),
        width_px=_SIDE,
        height_px=_SIDE,
        digest=hashlib.sha256(data).hexdigest(),
        media_type="image/png",
        data=data,
    )
