"""Everything that this project knows of RapidOCR as a reader of pages; the embedded engine runs it without prompts.

Source: [M] measured for this project (see `docs/engines.md`).
"""

from ocr_mcp.families.base import ModelFamily, Prompt, frozen
from ocr_mcp.model.images import Raster
from ocr_mcp.model.predictions import ResponseFormat, Task

_PROMPT = Prompt(text="", format=ResponseFormat.RECOGNIZED_LINES)

RAPIDOCR = ModelFamily(
    name="rapidocr",
    title="RapidOCR",
    prompts=frozen(dict.fromkeys((Task.MARKDOWN, Task.TEXT, Task.LINES), _PROMPT)),
    # [M] bag-of-words F1 .991 at 144 dpi, .9925 at 200; RapidOCR shrinks above 2000 px itself.
    raster=Raster(dpi=150, max_edge_px=3000),
    # [M] see `raster`: A3 comes to 121 dpi, a broadsheet to 88, A2 to 85.
    least_dpi=90,
    seen_edge_px=2000,
)
