"""The one path of a page: route, render, predict, parse; and of many: in order, bounded, each failure its own."""

from ocr_mcp.model.options import Rotate, TextLayerPolicy
from ocr_mcp.model.read_options import ReadOptions
from ocr_mcp.pipeline.engine_choice import ChooseEngine, ChosenEngine
from ocr_mcp.pipeline.orientation import Orientations
from ocr_mcp.pipeline.page import failure_of, predict_figure, read_page
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.readings import reading_of
from ocr_mcp.pipeline.routing import Router
from ocr_mcp.pipeline.stream import IsWanted, PageResult, read_pages
from ocr_mcp.pipeline.verifying import Verifier

__all__ = [
    "ChooseEngine",
    "ChosenEngine",
    "IsWanted",
    "Orientations",
    "PageResult",
    "Predictor",
    "ReadOptions",
    "Rotate",
    "Router",
    "TextLayerPolicy",
    "Verifier",
    "failure_of",
    "predict_figure",
    "read_page",
    "read_pages",
    "reading_of",
]
