"""Composition root: Settings → Reader."""

from ocr_mcp.app.building import open_cache
from ocr_mcp.app.reader import Described, DocumentRead, EngineStatus, Reader, ReadFigure, ReadPage

__all__ = ["Described", "DocumentRead", "EngineStatus", "ReadFigure", "ReadPage", "Reader", "open_cache"]
