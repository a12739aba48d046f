"""A model family that does not exist, in one file as a real one would be."""

from ocr_mcp.families.base import AnswerSyntax, EndToken, ModelFamily, OllamaSupport, Prompt, RegionTags, frozen
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.images import Raster
from ocr_mcp.model.predictions import ResponseFormat, Task

COMET_OCR = ModelFamily(
    name="comet-ocr",
    title="Comet-OCR",
    aliases=("comet-ocr", "comet"),
    not_these=("comet-ocr-mini",),
    prompts=frozen(
        {
            Task.MARKDOWN: Prompt(text="Transcribe the page with its layout.", format=ResponseFormat.GROUNDED),
            Task.TEXT: Prompt(text="Transcribe the page.", format=ResponseFormat.MARKDOWN),
            Task.LINES: Prompt(text="List the lines.", format=ResponseFormat.GROUNDED_LINES),
            Task.LOCATE: Prompt(text="Find {query}.", format=ResponseFormat.BOXES),
        }
    ),
    syntax=AnswerSyntax(
        labels=frozen(
            {
                "headline": BlockLabel.TITLE,
                "body": BlockLabel.TEXT,
                "grid": BlockLabel.TABLE,
                "remark": BlockLabel.FOOTNOTE,
            }
        ),
        box_scale=1000,
        tags=RegionTags(opening="<", closing=">", label="kind", boxes="where"),
        end_token=EndToken(text="</answer>"),
    ),
    raster=Raster(long_edge_px=1000),
    context_tokens=4096,
    max_output_tokens=3000,
    chart_output_tokens=500,
    special_tokens=("<kind>", "<where>"),
    vllm_fields=frozen({"include_stop_str_in_output": True}),
    ollama=OllamaSupport(default_model="comet-ocr", min_version=(0, 31, 0)),
)
