"""Facts about model families, as data. Each states its source; nothing here is a guess at run time.

Sources: [D] DeepSeek-OCR's repository and paper, [O] Ollama's source up to v0.33, [M] measured for this project (see
`docs/engines.md`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.images import Raster, TileGrid
from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.model.predictions import ResponseFormat, Task


class Prompt(Frozen):
    """The exact string to send, and how the answer will be written. `{query}` is replaced for `Task.LOCATE`."""

    text: str
    format: ResponseFormat


class ModelProfile(Frozen):
    """What is known of a model family.

    `families` are the names it goes by in Ollama's `details.family` or as a prefix of the model name, lower case.
    `context_tokens` and `max_output_tokens` are what to ask for. `chart_output_tokens` caps figures, which are short.
    `loop` says when an answer goes round in circles. `look_at_every`: of so many pages of a document one is looked at
    to see which way up it is, an odd number so that both sides of sheets are; 1 looks at all. Pages that it would see
    at under `least_dpi` are read in parts; `seen_edge_px` is the longer edge to which it shrinks pictures itself.
    """

    name: str
    families: tuple[str, ...]
    prompts: Mapping[Task, Prompt]
    raster: Raster
    single_view_raster: Raster
    context_tokens: int
    max_output_tokens: int
    chart_output_tokens: int
    loop: LoopThresholds = LoopThresholds()
    look_at_every: int = 1
    least_dpi: float = 0.0
    seen_edge_px: int | None = None

    def supports(self, task: Task) -> bool:
        """Whether there is a prompt for the task."""
        return task in self.prompts


def _prompts(prompts: dict[Task, Prompt]) -> Mapping[Task, Prompt]:
    return MappingProxyType(prompts)


DEEPSEEK_OCR = ModelProfile(
    name="deepseek-ocr",
    families=("deepseekocr", "deepseek-ocr", "deepseek2-ocr"),
    # [D] README and config.py; the model is very sensitive to wording (ollama #13168, #13252, #13198).
    prompts=_prompts(
        {
            Task.MARKDOWN: Prompt(
                text="<|grounding|>Convert the document to markdown.", format=ResponseFormat.GROUNDED
            ),
            Task.TEXT: Prompt(text="Free OCR.", format=ResponseFormat.MARKDOWN),
            Task.LINES: Prompt(text="<|grounding|>OCR this image.", format=ResponseFormat.GROUNDED_LINES),
            Task.DESCRIBE: Prompt(text="Describe this image in detail.", format=ResponseFormat.PROSE),
            Task.LOCATE: Prompt(text="Locate <|ref|>{query}<|/ref|> in the image.", format=ResponseFormat.BOXES),
            Task.CHART: Prompt(text="Parse the figure.", format=ResponseFormat.FIGURE),
        }
    ),
    # [M] rendering to the grid of 640 px tiles that Ollama's generations A and C cut [O] leaves nothing to resample.
    # Scans of up to 2400 px, so A4 and Letter at 200 dpi, go as they are: DeepSeek's own code resamples such pictures
    # to its tiles too [D], and only far above 2000 px does it read worse (paperless-gpt #891).
    raster=Raster(grid=TileGrid(tile_px=640, min_tiles=2, max_tiles=9), max_edge_px=5760, scan_edge_px=2400),
    # [O] generation B makes one padded view: keep the shape; 1920 px is enough for its 1280 px view.
    single_view_raster=Raster(long_edge_px=1920, scan_edge_px=2400),
    context_tokens=8192,
    max_output_tokens=6000,
    chart_output_tokens=2000,
    # [M] docs/loops.md: no loop of 2,000 missed, no real page of 415 cut or read again.
    loop=LoopThresholds(),
    # [M] a look takes 80 ms of a core: a GPU that reads 20 pages/s leaves two cores time to draw.
    look_at_every=17,
    # [D] newspapers: edit distance .122 with tiles, .645 in one view of 1024 px. On the largest grid a broadsheet comes
    # to 85 dpi, a slide of 1920 x 1080 points to 96, A3 to 109, A4 to 155.
    least_dpi=90,
)

RAPIDOCR = ModelProfile(
    name="rapidocr",
    families=(),
    prompts=_prompts(
        {
            task: Prompt(text="", format=ResponseFormat.RECOGNIZED_LINES)
            for task in (Task.MARKDOWN, Task.TEXT, Task.LINES)
        }
    ),
    # [M] bag-of-words F1 .991 at 144 dpi, .9925 at 200; RapidOCR shrinks above 2000 px itself.
    raster=Raster(dpi=150, max_edge_px=3000),
    single_view_raster=Raster(dpi=150, max_edge_px=3000),
    context_tokens=0,
    max_output_tokens=0,
    chart_output_tokens=0,
    # [M] see `raster`: A3 comes to 121 dpi, a broadsheet to 88, A2 to 85.
    least_dpi=90,
    seen_edge_px=2000,
)
