"""The one path of a page. Many pages go it in order, a bounded number at once, and each failure is its own.

page number ──route──▶ text layer ──────────────────────────────▶ Page ──finish, link──▶ PageResult
  stream.py  routing.py        native.py                           ▲      collect.py
                 └──draw──▶ PageImage ──predict──▶ PageAnswer ──parse
                  pictures.py     predictor.py, ladder.py    page.py, fused_tables.py
`figure.py` is the path of a figure. `page_order.py` keeps the order in which pages reach the engine, `single_flight.py`
and `retries.py` stand between the predictor and the engine, `tiled_pages.py` and `cutting.py` read a page in parts, and
`verifying.py` gives a page its second opinion.
"""

from ocr_mcp.model.documents import PageResult
from ocr_mcp.model.options import Rotate, TextLayerPolicy
from ocr_mcp.model.read_options import ReadOptions
from ocr_mcp.pipeline.collect import CollectedPages, Collector, failure_of, finish_page
from ocr_mcp.pipeline.engine_choice import ChooseEngine, ChosenEngine
from ocr_mcp.pipeline.figure import read_figure
from ocr_mcp.pipeline.orientation import Orientations
from ocr_mcp.pipeline.page import read_page
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.readings import reading_of
from ocr_mcp.pipeline.routing import Router
from ocr_mcp.pipeline.stream import IsWanted, read_pages
from ocr_mcp.pipeline.verifying import Verifier

__all__ = [
    "ChooseEngine",
    "ChosenEngine",
    "CollectedPages",
    "Collector",
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
    "finish_page",
    "read_figure",
    "read_page",
    "read_pages",
    "reading_of",
]
