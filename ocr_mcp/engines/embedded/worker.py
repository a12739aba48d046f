"""The child process of the embedded engine: one RapidOCR that reads one picture at a time."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# rapidocr and cv2 publish no complete types; this file is the whole border to them.

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from ocr_mcp.engines.embedded.letters import detection_edge_px
from ocr_mcp.engines.embedded.marks import ruling_lines, with_marks
from ocr_mcp.engines.embedded.splits import gutters_through, ink_of, parts_of
from ocr_mcp.errors import CorruptSourceError
from ocr_mcp.workers.child import Handler, Header, serve

MIN_DETECTED_PX = 736
"""Short edge of a picture to which the detector enlarges smaller ones."""

UNCLIP_RATIO, UNCLIP_RATIO_WHEN_SHRUNK = 1.6, 1.4
"""Ratios by which boxes reach beyond the detected text (DB): RapidOCR's own, and the one that gives lines the same
height where they are detected in a smaller picture. In higher boxes letters come smaller to be read, and spaces
are lost.
"""

MIN_PX = 245
"""Least width and height of a picture, a third of `MIN_DETECTED_PX`."""

SETTINGS = {
    "Global.log_level": "error",
    # Measured (docs/engines.md): the text-line classifier and many threads double the CPU time for the same accuracy.
    "Global.use_cls": False,
    # In batches each line is padded to the longest one: a tenth more work, and some lines read otherwise for it.
    "Rec.rec_batch_num": 1,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "EngineConfig.onnxruntime.enable_cpu_mem_arena": True,
}


def load_handlers() -> Mapping[str, Handler]:
    """Return the operations, with both models loaded, because a sandboxed process opens no file later."""
    reader = _reader()
    # RapidOCR does this on its first call of each. A whole call would take ten times as long as loading.
    reader._load_det_model()
    reader._load_rec_model()
    return {"recognize": recognize, "recognize_snippets": recognize_snippets}


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
    pixels = _decoded(np.frombuffer(picture, dtype=np.uint8))
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    answer = _with_marks_and_rules(_lines(_read(pixels, grey)), pixels, grey)
    return {}, json.dumps(answer, ensure_ascii=False).encode()


def _read(pixels: Any, grey: Any) -> Any:
    reader = _reader()
    edge_px = detection_edge_px(grey)
    # The detector has these settings for all pictures, and reads them anew for each.
    limit, edge_px, margin = (
        ("min", MIN_DETECTED_PX, UNCLIP_RATIO) if edge_px is None else ("max", edge_px, UNCLIP_RATIO_WHEN_SHRUNK)
    )
    reader.text_det.limit_type, reader.text_det.limit_side_len = limit, edge_px
    return reader(with_room(pixels), unclip_ratio=margin)


def _with_marks_and_rules(lines: list[dict[str, Any]], pixels: Any, grey: Any) -> dict[str, Any]:
    """Return the whole answer: lines parted at gutters, each with its weight and bullet, and the rules."""
    rules = ruling_lines(grey, [line["box"] for line in lines])
    return {"lines": with_marks(_parted(lines, pixels, ink_of(grey, rules)), grey), "rules": rules}


def with_room(pixels: Any) -> Any:
    """Return a picture of three channels; a small one with paper of its own colour added below and to the right.

    The detector enlarges pictures to 736 pixels: strips of a few lines so far that it finds parts of words. On a sheet
    of 245 pixels nothing is enlarged more than three times.
    """
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    below, beside = max(0, MIN_PX - height), max(0, MIN_PX - width)
    if not below and not beside:
        return pixels
    paper = [int(level) for level in np.median(pixels.reshape(-1, 3), axis=0)]
    return cv2.copyMakeBorder(pixels, 0, below, 0, beside, cv2.BORDER_CONSTANT, value=paper)


def _parted(lines: list[dict[str, Any]], pixels: Any, ink: Any) -> list[dict[str, Any]]:
    """Return the lines; a line with a gutter becomes several, each recognised by itself."""
    boxes = [line["box"] for line in lines]
    found = [(line, parts_of(line["box"], gutters_through(ink, line["box"], boxes))) for line in lines]
    torn = [box for _, parts in found if len(parts) > 1 for box in parts]
    read = iter(_recognized([_cut(pixels, box) for box in torn]))
    result: list[dict[str, Any]] = []
    for line, parts in found:
        if len(parts) == 1:
            result.append(line)
        else:
            result += [
                {"text": text, "box": box, "confidence": score} for box, (text, score) in zip(parts, read, strict=False)
            ]
    return [line for line in result if line["text"].strip()]


def _cut(pixels: Any, box: list[float]) -> Any:
    height, width = pixels.shape[:2]
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    return pixels[top : min(height, int(box[3]) + 1), left : min(width, int(box[2]) + 1)]


def _recognized(pictures: list[Any]) -> list[tuple[str, float]]:
    """Return the text and confidence (0 to 1) of pictures of one line each."""
    result = _reader().recognize_txt(pictures) if pictures else None
    found = [] if result is None else zip(result.txts, result.scores, strict=True)
    return [(text, round(float(score), 4)) for text, score in found]


def recognize_snippets(arguments: Header, pictures: bytes) -> tuple[Header, bytes]:
    """Payload: encoded pictures of one line each, one after the other, their lengths in `sizes`.

    Answer: a list of {"text", "confidence"} as UTF-8 JSON. Nothing is detected: each picture is taken as a line.
    """
    import numpy as np

    lines: list[Any] = []
    start = 0
    for size in cast("list[int]", arguments["sizes"]):
        lines.append(_decoded(np.frombuffer(pictures, dtype=np.uint8, count=size, offset=start)))
        start += size
    answer = [{"text": text, "confidence": confidence} for text, confidence in _recognized(lines)]
    return {}, json.dumps(answer, ensure_ascii=False).encode()


def _decoded(data: Any) -> Any:
    import cv2

    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if pixels is None:
        raise CorruptSourceError("The picture of the page could not be decoded.", hint="Read the page again.")
    return pixels


def _lines(result: Any) -> list[dict[str, Any]]:
    if result.txts is None or result.boxes is None or result.scores is None:
        return []
    found = zip(result.txts, result.boxes, result.scores, strict=True)
    return [{"text": text, "box": _bounds(box), "confidence": round(float(score), 4)} for text, box, score in found]


def _bounds(corners: Any) -> list[float]:
    """Return the upright rectangle around four corners."""
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return [round(value, 1) for value in (min(xs), min(ys), max(xs), max(ys))]


if __name__ == "__main__":
    serve(load_handlers, sandboxed=True)
