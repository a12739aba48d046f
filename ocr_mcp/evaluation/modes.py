"""The modes of DeepSeek-OCR: how large a view of a page the model gets, and how many tokens the view takes.

Source: the paper of DeepSeek-OCR (table 1) and its `config.py`. A view of `side` pixels is (side / 64)² tokens; in the
model's prompt each row of them has a line end, and one token parts the views.
"""

from collections.abc import Iterator
from enum import StrEnum

from ocr_mcp.families.base import ModelFamily, OllamaGeneration
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR as FAMILY
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.images import Raster
from ocr_mcp.model.predictions import EngineIdentity, TokenUsage

_MARKUP_TOKENS = 8
"""Begin of sentence, the line end before the prompt, and the tokens that a template may add."""
_MAX_SINGLE_PX = 1920


class ModeName(StrEnum):
    """Names of the paper, smallest view first."""

    TINY = "tiny"
    SMALL = "small"
    BASE = "base"
    LARGE = "large"
    GUNDAM = "gundam"


class Mode(Frozen):
    """`side_px` is the side of the view of the whole page; `has_tiles` adds views of 640 px of its parts."""

    name: ModeName
    side_px: int
    has_tiles: bool = False

    @property
    def view_tokens(self) -> int:
        """Number of tokens of the whole page's view, as the paper counts."""
        return (self.side_px // 64) ** 2

    @property
    def view_positions(self) -> int:
        """Number of tokens that the view takes of the prompt: with line ends and the token that parts views."""
        rows = self.side_px // 64
        return rows * (rows + 1) + 1


MODES = {
    ModeName.TINY: Mode(name=ModeName.TINY, side_px=512),
    ModeName.SMALL: Mode(name=ModeName.SMALL, side_px=640),
    ModeName.BASE: Mode(name=ModeName.BASE, side_px=1024),
    ModeName.LARGE: Mode(name=ModeName.LARGE, side_px=1280),
    ModeName.GUNDAM: Mode(name=ModeName.GUNDAM, side_px=1024, has_tiles=True),
}

_OLLAMA_MODES = {
    OllamaGeneration.A: (ModeName.GUNDAM,),
    OllamaGeneration.B: (ModeName.BASE, ModeName.LARGE),
    OllamaGeneration.C: (ModeName.GUNDAM,),
}
"""C makes one view of 1024 px of a picture that is no larger than 640 px: Base's cost without Base's sharpness."""


def profile_for(mode: Mode, generation: OllamaGeneration | None) -> ModelFamily:
    """Return the family with the raster that makes an engine use the mode.

    Generation B of Ollama takes 1280 px instead of 1024 where a picture has more pixels than lie between the two. No
    page is read in parts, however small its print becomes, because a mode shows the model one page.
    """
    if mode.has_tiles:
        raster = FAMILY.raster
    elif generation is OllamaGeneration.B and mode.name is ModeName.LARGE:
        raster = Raster(long_edge_px=_MAX_SINGLE_PX)
    else:
        raster = Raster(long_edge_px=mode.side_px)
    facts = {"raster": raster, "single_view_raster": raster, "least_dpi": 0.0}
    return FAMILY.model_copy(update=facts)


def refusal(mode: Mode, identity: EngineIdentity) -> str | None:
    """Return the reason why that engine cannot have the mode; None where it can, or where only its answers tell."""
    if identity.engine == "embedded":
        return "The embedded engine has no modes: they are DeepSeek-OCR's."
    generation = generation_of(identity)
    if generation is None or mode.name in _OLLAMA_MODES[generation]:
        return None
    allowed = ", ".join(_OLLAMA_MODES[generation])
    return f"Ollama {identity.version} (engine generation {generation}) has {allowed} only, not {mode.name}."


def generation_of(identity: EngineIdentity) -> OllamaGeneration | None:
    """Return Ollama's engine generation; None for other engines, and where its version does not tell."""
    return OllamaGeneration(identity.generation) if identity.generation else None


def vision_tokens(mode: Mode, usage: TokenUsage | None, prompt: str) -> int | None:
    """Return the paper's count of vision tokens where the tokens of the request show that the mode was used; else None.

    The tokens that the views leave are the prompt's text, at most a token a byte. Of several modes that fit, it was the
    largest. The paper counts 64, 100, 256 and 400 for one view, and 256 and 100 a tile for Gundam.
    """
    if usage is None or usage.prompt is None:
        return None
    most_text = len(prompt.encode()) + _MARKUP_TOKENS
    fitting = [(places, count) for places, count in _views() if 0 <= usage.prompt - places <= most_text]
    _, largest = max(fitting, default=(0, 0))
    return largest if largest in _counts(mode) else None


def _views() -> Iterator[tuple[int, int]]:
    """Yield every way to show a page: tokens in the prompt, and tokens as the paper counts them."""
    for mode in MODES.values():
        if not mode.has_tiles:
            yield mode.view_positions, mode.view_tokens
    gundam = MODES[ModeName.GUNDAM]
    for tiles, rows in _grids():
        yield gundam.view_positions + 100 * tiles + 10 * rows, gundam.view_tokens + 100 * tiles


def _grids() -> Iterator[tuple[int, int]]:
    """Yield numbers of tiles of 10 x 10 tokens, and of rows of tiles; each row of tokens has a line end."""
    return ((tiles, rows) for tiles in range(2, 10) for rows in range(1, tiles + 1) if tiles % rows == 0)


def _counts(mode: Mode) -> set[int]:
    return {mode.view_tokens + 100 * tiles for tiles, _ in _grids()} if mode.has_tiles else {mode.view_tokens}
