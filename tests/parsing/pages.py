"""Pages and answers for the parsers' tests, as small as they can be."""

from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size, whole_page
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import EngineIdentity, Prediction, ResponseFormat, StopReason, Task

THOUSAND = Size(width=999, height=1998)
"""A page on which a coordinate of a model is one unit across and two units down."""


def page_image(size: Size = THOUSAND, region: BoundingBox | None = None) -> PageImage:
    return PageImage(
        number=1,
        page_size=size,
        unit=PageUnit.POINT,
        region=region or whole_page(size),
        width_px=1000,
        height_px=2000,
        media_type="image/jpeg",
        data=b"",
        digest="",
    )


def prediction(
    text: str, response_format: ResponseFormat = ResponseFormat.GROUNDED, stop: StopReason = StopReason.STOP
) -> Prediction:
    return Prediction(
        task=Task.MARKDOWN,
        text=text,
        format=response_format,
        stop=stop,
        identity=EngineIdentity(engine="scripted", model="scripted"),
        seconds=0.0,
    )


def box(left: float, top: float, right: float, bottom: float) -> BoundingBox:
    return BoundingBox(left=left, top=top, right=right, bottom=bottom)
