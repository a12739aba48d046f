"""The composition root: from settings to a `Reader`. Importing it is cheap, see `ocr_mcp.app.reader`.

Settings ──build──▶ PageReader ──hold──▶ Reader ──open──▶ OpenDocument ──yield──▶ pages
building.py         page_reader.py       reader.py        open_document.py
`configured_engines.py` holds the engines and chooses one for each document; `page_looks.py` has the processes that see
which way up pages are. `page_feed.py` gives pages to an `async for` loop; `blocking.py` reads without an event loop.
"""

from ocr_mcp.app.open_document import DocumentFacts, OpenDocument
from ocr_mcp.app.reader import Reader
from ocr_mcp.model.page_readings import FigureReading, PageReading

__all__ = ["DocumentFacts", "FigureReading", "OpenDocument", "PageReading", "Reader"]
