"""The composition root: from settings to a `Reader`. Importing it is cheap, see `ocr_mcp.app.reader`."""

from ocr_mcp.app.open_document import DocumentFacts, OpenDocument
from ocr_mcp.app.reader import Reader
from ocr_mcp.model.page_readings import FigureReading, PageReading

__all__ = ["DocumentFacts", "FigureReading", "OpenDocument", "PageReading", "Reader"]
