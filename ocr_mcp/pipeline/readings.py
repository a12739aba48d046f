"""The facts about how an engine read a page, without the words of its answer."""

from ocr_mcp.model.documents import Reading
from ocr_mcp.model.predictions import Prediction


def reading_of(prediction: Prediction) -> Reading:
    """Return the facts about one answer."""
    return Reading(
        identity=prediction.identity,
        usage=prediction.usage,
        compression=prediction.usage.compression,
        stop=prediction.stop,
        seconds=prediction.seconds,
    )
