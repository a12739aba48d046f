"""Everything that this project knows of DeepSeek-OCR.

Sources: [D] DeepSeek-OCR's repository and paper, [O] Ollama's source up to v0.33 and llama.cpp, [M] measured for this
project (see `docs/engines.md`).
"""

from functools import cache

from pydantic import JsonValue

from ocr_mcp.families.base import (
    AnswerSyntax,
    EndToken,
    GenerationFacts,
    ModelFamily,
    OllamaGeneration,
    OllamaSupport,
    Prompt,
    RegionTags,
    frozen,
)
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.images import Raster, TileGrid
from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.model.predictions import ResponseFormat, Task

# [D] README and config.py; the model is very sensitive to wording (ollama #13168, #13252, #13198).
_PROMPTS = {
    Task.MARKDOWN: Prompt(text="<|grounding|>Convert the document to markdown.", format=ResponseFormat.GROUNDED),
    Task.TEXT: Prompt(text="Free OCR.", format=ResponseFormat.MARKDOWN),
    Task.LINES: Prompt(text="<|grounding|>OCR this image.", format=ResponseFormat.GROUNDED_LINES),
    Task.DESCRIBE: Prompt(text="Describe this image in detail.", format=ResponseFormat.PROSE),
    Task.LOCATE: Prompt(text="Locate <|ref|>{query}<|/ref|> in the image.", format=ResponseFormat.BOXES),
    Task.CHART: Prompt(text="Parse the figure.", format=ResponseFormat.FIGURE),
}

# [M] The words that the model and its relatives were seen to use; the set is not closed.
_LABELS = {
    "title": BlockLabel.TITLE,
    "sub_title": BlockLabel.SECTION_HEADER,
    "subtitle": BlockLabel.SECTION_HEADER,
    "section_header": BlockLabel.SECTION_HEADER,
    "text": BlockLabel.TEXT,
    "paragraph": BlockLabel.TEXT,
    "list": BlockLabel.LIST_ITEM,
    "list_item": BlockLabel.LIST_ITEM,
    "table": BlockLabel.TABLE,
    "table_caption": BlockLabel.CAPTION,
    "image_caption": BlockLabel.CAPTION,
    "figure_caption": BlockLabel.CAPTION,
    "chart_caption": BlockLabel.CAPTION,
    "caption": BlockLabel.CAPTION,
    "table_footnote": BlockLabel.FOOTNOTE,
    "image_footnote": BlockLabel.FOOTNOTE,
    "footnote": BlockLabel.FOOTNOTE,
    "image": BlockLabel.PICTURE,
    "figure": BlockLabel.PICTURE,
    "picture": BlockLabel.PICTURE,
    "chart": BlockLabel.CHART,
    "equation": BlockLabel.FORMULA,
    "formula": BlockLabel.FORMULA,
    "header": BlockLabel.PAGE_HEADER,
    "page_header": BlockLabel.PAGE_HEADER,
    "footer": BlockLabel.PAGE_FOOTER,
    "page_footer": BlockLabel.PAGE_FOOTER,
    "page_number": BlockLabel.PAGE_FOOTER,
    "code": BlockLabel.CODE,
}

# Faults of its answers that the parsers know: nothing but punctuation (DeepSeek-OCR issue #272), list items that run on
# without line breaks (#200). It writes captions between <center> and </center>.

# Headers are tagged in answers of Ollama before 0.30, of vLLM and of retagged models; Ollama 0.30 and later drops the
# tags, and headers are bare [M]. Coordinates count from 0 to 999 on each axis of the picture that was sent [D].
_SYNTAX = AnswerSyntax(
    labels=frozen(_LABELS),
    box_scale=999,
    tags=RegionTags(opening="<|", closing="|>", label="ref", boxes="det", others=("grounding",)),
    end_token=EndToken(text="<｜end▁of▁sentence｜>", pattern="<[|｜]end[▁_]of[▁_]sentence[|｜]>"),
)

# By name, because their numbers differ between files. The published GGUF file calls all of them CONTROL, so that
# Ollama 0.30 and later drops them. `<|grounding|>` stands in prompts only, and is of their kind.
_SPECIAL_TOKENS = (
    "<|ref|>",
    "<|/ref|>",
    "<|det|>",
    "<|/det|>",
    "<|grounding|>",
    "<td>",
    "</td>",
    "<tr>",
    "</tr>",
)

# DeepSeek's own runs rely on a no-repeat-n-gram sampler, which vLLM has for this model [D]: n-grams of 30 tokens inside
# 90, except <td> and </td>.
_VLLM_FIELDS: dict[str, JsonValue] = {
    "skip_special_tokens": False,
    "vllm_xargs": {"ngram_size": 30, "window_size": 90, "whitelist_token_ids": [128821, 128822]},
}

TILE_PX = 640
_GLOBAL_VIEW_TOKENS = 273  # 1024 px: 16 rows of 16 and a line end, and one separator
_MIN_TILES, _MAX_TILES = 2, 9

Grid = tuple[int, int]
"""Columns and rows of tiles."""


def _tokens_in_a(width: int, height: int) -> int:
    return _GLOBAL_VIEW_TOKENS + _tile_tokens(_first_grid(width, height))


def _tokens_in_b(width: int, height: int) -> int:
    pixels = width * height
    side = 1024 if abs(pixels - 1024**2) <= abs(pixels - 1280**2) else 1280
    patches = side // 64
    return patches * (patches + 1) + 1


def _tokens_in_c(width: int, height: int) -> int:
    if width <= TILE_PX and height <= TILE_PX:
        return _GLOBAL_VIEW_TOKENS
    return _GLOBAL_VIEW_TOKENS + _tile_tokens(_sorted_grid(width, height))


def _tile_tokens(grid: Grid) -> int:
    columns, rows = grid
    return (10 * columns + 1) * (10 * rows)


@cache
def _grids() -> tuple[Grid, ...]:
    """Return all grids in the order in which Ollama lists them."""
    sides = ((i, j) for n in range(_MIN_TILES, _MAX_TILES + 1) for i in range(1, n + 1) for j in range(1, n + 1))
    return tuple(dict.fromkeys(grid for grid in sides if _MIN_TILES <= grid[0] * grid[1] <= _MAX_TILES))


def _first_grid(width: int, height: int) -> Grid:
    """Return A's choice: of grids with the same shape, a later one if the picture has half the pixels of the BEST."""
    best, best_gap = (1, 1), float("inf")
    for grid in _grids():
        gap = abs(width / height - grid[0] / grid[1])
        if gap < best_gap or (gap == best_gap and _fills_half(width * height, best)):
            best, best_gap = grid, gap
    return best


def _sorted_grid(width: int, height: int) -> Grid:
    """Return C's choice: grids by area, and a later one if the picture has half the pixels of THAT one."""
    best, best_gap = (1, 1), float("inf")
    for grid in sorted(_grids(), key=lambda grid: grid[0] * grid[1]):
        gap = abs(width / height - grid[0] / grid[1])
        if gap < best_gap or (gap == best_gap and _fills_half(width * height, grid)):
            best, best_gap = grid, gap
    return best


def _fills_half(pixels: int, grid: Grid) -> bool:
    return pixels > 0.5 * TILE_PX * TILE_PX * grid[0] * grid[1]


# [O] A is Ollama's Go engine: it needs the line end before the prompt that B and C add themselves, and `shift: false`
# makes it end an answer that is too long with `length` instead of forgetting its beginning. On B and C that field would
# reload the model. B makes one view of a picture; A and C cut it into tiles.
_OLLAMA = OllamaSupport(
    default_model="deepseek-ocr",
    retagged_model="deepseek-ocr-tags",
    min_version=(0, 13, 0),
    generations=frozen(
        {
            OllamaGeneration.A: GenerationFacts(
                prompt_prefix="\n", request_fields=frozen({"shift": False}), vision_tokens=_tokens_in_a
            ),
            OllamaGeneration.B: GenerationFacts(is_single_view=True, vision_tokens=_tokens_in_b),
            OllamaGeneration.C: GenerationFacts(vision_tokens=_tokens_in_c),
        }
    ),
)

DEEPSEEK_OCR = ModelFamily(
    name="deepseek-ocr",
    title="DeepSeek-OCR",
    aliases=("deepseekocr", "deepseek-ocr", "deepseek2-ocr"),
    # DeepSeek-OCR 2 is another model with other tokens and fewer prompts, whose GGUF names the same family.
    not_these=("deepseek-ocr-2", "deepseek-ocr2"),
    prompts=frozen(_PROMPTS),
    syntax=_SYNTAX,
    # [M] rendering to the grid of 640 px tiles that Ollama's generations A and C cut [O] leaves nothing to resample.
    # Scans of up to 2400 px, so A4 and Letter at 200 dpi, go as they are: DeepSeek's own code resamples such pictures
    # to its tiles too [D], and only far above 2000 px does it read worse (paperless-gpt #891).
    raster=Raster(
        grid=TileGrid(tile_px=TILE_PX, min_tiles=_MIN_TILES, max_tiles=_MAX_TILES), max_edge_px=5760, scan_edge_px=2400
    ),
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
    special_tokens=_SPECIAL_TOKENS,
    vllm_fields=frozen(_VLLM_FIELDS),
    ollama=_OLLAMA,
)
