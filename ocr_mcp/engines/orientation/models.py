"""The three models that find out which way up a page is, and their input. Runs in the orientation worker only.

They are RapidOCR's, run without RapidOCR: importing that takes over a second, and a look takes less than a tenth.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# cv2 and onnxruntime publish no complete types.

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
import onnxruntime

from ocr_mcp.errors import EngineUnavailableError

DETECTOR, CLASSIFIER, RECOGNIZER = "PP-OCRv6_det_small", "ch_ppocr_mobile_v2.0_cls_mobile", "PP-OCRv6_rec_small"
HEIGHT_PX = 48
"""Height of a line for the classifier and the recogniser."""
READ_PX = 256
"""Width of the part of a line that is read."""
_CLASSIFIED_PX = 192
_MIN_PX = 8
"""Least width of a piece that is cut out of a line."""

_files: dict[str, BinaryIO] = {}

Picture = Any
"""Grey levels, height x width, as numpy holds them."""
Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels."""


def open_models() -> None:
    """Open the files of all models and load the one of the quick check; a look loads the others when it needs them."""
    for model in (DETECTOR, CLASSIFIER, RECOGNIZER):
        _files[model] = _model_file(model).open("rb")
    _session(CLASSIFIER)


def run(model: str, tensor: Any) -> Any:
    """Return the model's output for a stack of pictures as `tensor` and `line_tensor` make them."""
    return _session(model).run(None, {"x": tensor})[0]


def characters_of(model: str) -> list[str]:
    """Return the characters that a recogniser tells apart, from its own metadata."""
    return _session(model).get_modelmeta().custom_metadata_map["character"].splitlines()


def beginning_of_line(picture: Picture, line: Box, *, margin: float) -> Picture:
    """Cut out the part of a line that is read, with a margin on every side, in heights of the line."""
    left, top, width, height = line
    around = int(margin * height)
    piece = picture[max(0, top - around) : top + height + around, max(0, left - around) : left + width + around]
    return piece[:, : max(_MIN_PX, piece.shape[0] * READ_PX // HEIGHT_PX)]


def upside_down(pieces: Sequence[Picture]) -> float:
    """Return the mean probability (0 to 1) that the beginnings of lines stand upside down, each seen both ways."""
    found = run(CLASSIFIER, both_ways(pieces, _CLASSIFIED_PX))[:, 1]
    return float((found[: len(pieces)] + 1 - found[len(pieces) :]).mean() / 2)


def both_ways(pieces: Sequence[Picture], width_px: int) -> Any:
    """Stack all pieces as they are, then all of them upside down."""
    both = (*pieces, *(cv2.rotate(piece, cv2.ROTATE_180) for piece in pieces))
    return np.stack([line_tensor(piece, width_px) for piece in both])


def line_tensor(piece: Picture, width_px: int) -> Any:
    """Put a line 48 pixels high at the left of an empty picture, cut where it is longer."""
    height, width = piece.shape
    scaled = min(width_px, max(1, round(width * HEIGHT_PX / height)))
    cut = piece[:, : max(1, round(width_px * height / HEIGHT_PX))]
    shrinks = height > HEIGHT_PX
    line = cv2.resize(cut, (scaled, HEIGHT_PX), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    whole = np.zeros((3, HEIGHT_PX, width_px), np.float32)
    whole[:, :, :scaled] = tensor(line)
    return whole


def tensor(levels: Picture) -> Any:
    """Return three equal channels from -1 to 1, as all three models take them."""
    return np.repeat((levels.astype(np.float32) / 127.5 - 1.0)[None], 3, axis=0)


@cache
def _session(model: str) -> Any:
    # One process a core does the parallel work.
    cv2.setNumThreads(1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    with _files.pop(model, None) or _model_file(model).open("rb") as file:
        return onnxruntime.InferenceSession(file.read(), options, providers=["CPUExecutionProvider"])


def _model_file(model: str) -> Path:
    """Return the model's path in the package rapidocr, which is found without importing it."""
    spec = find_spec("rapidocr")
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0]) / "models" / f"{model}.onnx" if folders else Path()
    if not path.is_file():
        raise EngineUnavailableError(
            f"The package 'rapidocr' does not carry the model '{model}'.",
            hint="Reinstall with 'pip install --force-reinstall ollama-ocr-mcp'.",
        )
    return path
