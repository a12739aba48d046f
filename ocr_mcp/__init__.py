"""Local OCR for people and agents: pages in, Markdown with boxes out, nothing leaves the machine.

    import ocr_mcp

    document = ocr_mcp.read("scan.pdf", pages="1-3")
    print(ocr_mcp.to_markdown(document))

Programs with an event loop use `Reader`, which also yields pages as they are ready. The names in `__all__` are public;
each is loaded when it is first used, so that importing the package takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr_mcp.app.blocking import read
    from ocr_mcp.app.reader import Reader
    from ocr_mcp.emitters.formats import to_json, to_markdown, to_text
    from ocr_mcp.errors import EngineError, OcrError, SourceError, UsageError
    from ocr_mcp.model.blocks import Block, BlockLabel, Table, TableCell
    from ocr_mcp.model.charts import Figure
    from ocr_mcp.model.documents import Document, DocumentStatus, Page, PageFailure, PageIssue
    from ocr_mcp.model.geometry import BoundingBox
    from ocr_mcp.model.options import Rotate, TextLayerPolicy
    from ocr_mcp.model.predictions import Task
    from ocr_mcp.model.read_options import ReadOptions
    from ocr_mcp.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Block",
    "BlockLabel",
    "BoundingBox",
    "Document",
    "DocumentStatus",
    "EngineError",
    "Figure",
    "OcrError",
    "Page",
    "PageFailure",
    "PageIssue",
    "ReadOptions",
    "Reader",
    "Rotate",
    "Settings",
    "SourceError",
    "Table",
    "TableCell",
    "Task",
    "TextLayerPolicy",
    "UsageError",
    "read",
    "to_json",
    "to_markdown",
    "to_text",
]

_MODULES = {
    "app.blocking": ("read",),
    "app.reader": ("Reader",),
    "emitters.formats": ("to_json", "to_markdown", "to_text"),
    "errors": ("EngineError", "OcrError", "SourceError", "UsageError"),
    "model.blocks": ("Block", "BlockLabel", "Table", "TableCell"),
    "model.charts": ("Figure",),
    "model.documents": ("Document", "DocumentStatus", "Page", "PageFailure", "PageIssue"),
    "model.geometry": ("BoundingBox",),
    "model.options": ("Rotate", "TextLayerPolicy"),
    "model.predictions": ("Task",),
    "model.read_options": ("ReadOptions",),
    "settings": ("Settings",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value  # the next time it is found without this function
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
