"""The types of the facts about model families. Nothing here is a guess at run time: each fact states its source.

Sources: [D] the repository and the paper of the model's authors, [O] Ollama's source up to v0.33, [M] measured for this
project (see `docs/engines.md`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from pydantic import Field, JsonValue

from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.images import Raster
from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.model.predictions import ResponseFormat, Task

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

Version = tuple[int, int, int]
"""Major, minor, patch."""


class Prompt(Frozen):
    """The exact string to send, and the format of the answer to it. `{query}` is replaced for `Task.LOCATE`."""

    text: str
    format: ResponseFormat


@dataclass(frozen=True, kw_only=True)
class RegionTags:
    """Special tokens around the parts of a region's header.

    With `opening` "<|", `closing` "|>", `label` "ref" and `boxes` "det", a header reads
    `<|ref|>LABEL<|/ref|><|det|>BOXES<|/det|>`. `others` are names of tags that stand in prompts only, and that answers
    repeat at times.
    """

    opening: str
    closing: str
    label: str
    boxes: str
    others: tuple[str, ...] = ()

    @property
    def label_start(self) -> str:
        """The tag that every header begins with."""
        return f"{self.opening}{self.label}{self.closing}"


@dataclass(frozen=True, kw_only=True)
class EndToken:
    """The token that ends an answer, which some servers let through.

    `pattern` is a regular expression for the spellings that it comes in; None means `text` alone.
    """

    text: str
    pattern: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class AnswerSyntax:
    """The syntax in which a family writes regions and the end of an answer.

    `labels` are its words for kinds of regions, lower case with `_` between words. `box_scale` is the largest
    coordinate of a box: coordinates count from 0 on each axis of the picture that was sent. `tags` is None for a family
    that writes headers bare, as `LABEL[[x1, y1, x2, y2]]`; bare headers are understood in any case, because servers
    drop tags.
    """

    labels: Mapping[str, BlockLabel] = field(default_factory=dict[str, BlockLabel])
    box_scale: int = 1
    tags: RegionTags | None = None
    end_token: EndToken | None = None


class OllamaGeneration(StrEnum):
    """The engines inside Ollama, by version; `docs/engines.md` describes them."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, kw_only=True, eq=False)
class GenerationFacts:
    """The way in which one generation of Ollama treats a family's prompts and pictures.

    `prompt_prefix` goes before the prompt. `request_fields` are fields that only this generation may be sent.
    `is_single_view` means that a page is seen in one view, for which the family's `single_view_raster` is drawn.
    `vision_tokens` computes the tokens that a picture takes from its width and height in pixels.
    """

    prompt_prefix: str = ""
    request_fields: Mapping[str, bool] = field(default_factory=dict[str, bool])
    is_single_view: bool = False
    vision_tokens: Callable[[int, int], int] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class OllamaSupport:
    """Facts about running a family in Ollama.

    `default_model` is the name to pull, empty where Ollama has no model of the family. `retagged_model` is the name of
    a copy of it that keeps its special tokens, None where no copy is needed. Versions before `min_version` cannot run
    the family.
    """

    default_model: str = ""
    retagged_model: str | None = None
    min_version: Version = (0, 0, 0)
    generations: Mapping[OllamaGeneration, GenerationFacts] = field(
        default_factory=dict[OllamaGeneration, GenerationFacts]
    )


class ModelFamily(Frozen):
    """All that is known of a model family.

    `name` is what OCR_MCP_PROFILE takes, `title` the name in sentences. A model belongs to the family if Ollama's
    `details.family` is one of `aliases` or its name begins with one, unless the name begins with one of `not_these`;
    all of them are lower case.

    `raster` says how pages are drawn for the model, `single_view_raster` how for servers that show it one view only
    (None: the same). `context_tokens` and `max_output_tokens` are requested; `chart_output_tokens` caps the answers to
    figures, which are short. `loop` says when an answer repeats itself. One page in `look_at_every` of a document is
    looked at to see which way up it is; the number is odd so that both sides of sheets get a look, and 1 looks at all.
    Pages that the model would see at under `least_dpi` dots an inch are read in parts; `seen_edge_px` is the longer
    edge to which the model itself shrinks pictures.

    `special_tokens` are the tokens of its markup that servers may drop from answers. `vllm_fields` go into requests to
    vLLM only, because strict servers refuse fields that they do not know.
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    not_these: tuple[str, ...] = ()
    prompts: Mapping[Task, Prompt]
    syntax: AnswerSyntax = AnswerSyntax()
    raster: Raster
    single_view_raster: Raster | None = None
    context_tokens: int = 0
    max_output_tokens: int = 0
    chart_output_tokens: int = 0
    loop: LoopThresholds = LoopThresholds()
    look_at_every: int = 1
    least_dpi: float = 0.0
    seen_edge_px: int | None = None
    special_tokens: tuple[str, ...] = ()
    vllm_fields: Mapping[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    ollama: OllamaSupport = OllamaSupport()

    def supports(self, task: Task) -> bool:
        """Return True if there is a prompt for the task."""
        return task in self.prompts

    def on_ollama(self, generation: OllamaGeneration | None) -> GenerationFacts:
        """Return the facts about a generation of Ollama, empty ones where nothing is known."""
        return self.ollama.generations.get(generation, GenerationFacts()) if generation else GenerationFacts()


def frozen(mapping: dict[KeyT, ValueT]) -> Mapping[KeyT, ValueT]:
    """Return a view of the mapping that nobody can change."""
    return MappingProxyType(mapping)
