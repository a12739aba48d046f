"""The child process of the embedded engine: one RapidOCR, one picture at a time."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# rapidocr and cv2 publish no complete types; this file is the whole border to them.

import json
from functools import cache
from typing import Any

from ocr_mcp.errors import CorruptSourceError
from ocr_mcp.workers.child import Header, serve

SETTINGS = {
    "Global.log_level": "error",
    # Measured (docs/engines.md): the text-line classifier and many threads double the CPU time for the same accuracy.
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
}


@cache
def _reader() -> Any:
    import cv2
    from rapidocr import RapidOCR

    # One process a core does the parallel work; threads of one page would only fight over the same cores.
    cv2.setNumThreads(1)
    return RapidOCR(params=SETTINGS)


def recognize(arguments: Header, picture: bytes) -> tuple[Header, bytes]:
    """Payload: an encoded picture. Answer: `ResponseFormat.RECOGNIZED_LINES` as UTF-8 JSON."""
    import cv2
    import numpy as np

    del arguments
    reader = _reader()
    pixels = cv2.imdecode(np.frombuffer(picture, dtype=np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise CorruptSourceError("The picture of the page could not be decoded.", hint="Read the page again.")
    result = reader(pixels)
    return {}, json.dumps({"lines": _lines(result)}, ensure_ascii=False).encode()


def _lines(result: Any) -> list[dict[str, Any]]:
    if result.txts is None or result.boxes is None or result.scores is None:
        return []
    found = zip(result.txts, result.boxes, result.scores, strict=True)
    return [{"text": text, "box": _bounds(box), "confidence": round(float(score), 4)} for text, box, score in found]


def _bounds(corners: Any) -> list[float]:
    """The upright rectangle around four corners."""
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return [round(value, 1) for value in (min(xs), min(ys), max(xs), max(ys))]


if __name__ == "__main__":
    serve({"recognize": recognize})
