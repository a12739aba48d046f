"""How an engine read a page, without its words."""

from ocr_mcp.model.documents import Reading
from ocr_mcp.model.predictions import Prediction


def reading_of(prediction: Prediction) -> Reading:
    """How one answer was come by."""
    return Reading(
        identity=prediction.identity,
        usage=prediction.usage,
        compression=prediction.usage.compression,
        stop=prediction.stop,
        seconds=prediction.seconds,
    )
