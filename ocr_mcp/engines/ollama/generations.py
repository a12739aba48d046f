"""Ollama's three engine generations for DeepSeek-OCR, and what each makes of a picture.

Source [O]: Ollama up to v0.33 and llama.cpp; see `docs/engines.md`. A = v0.13.0 to v0.24 (Go engine), B = v0.30.0 to
v0.32.1 (llama-server, one view), C = v0.32.2 and later (llama-server, tiled views).
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

TILE_PX = 640
_GLOBAL_VIEW_TOKENS = 273  # 1024 px: 16 rows of 16 and a line end, and one separator
_MIN_TILES, _MAX_TILES = 2, 9
_OLDEST = (0, 13, 0)
_SOURCE_BUILD = (0, 0, 0)
_MARKUP_TOKENS = 8  # begin of sentence, the line end before the prompt, and what a template may add


class Generation(StrEnum):
    """Which engine inside Ollama reads the picture."""

    A = "A"
    B = "B"
    C = "C"


Grid = tuple[int, int]
"""Columns and rows of tiles."""


def parse_version(version: str) -> tuple[int, int, int] | None:
    """Major, minor, patch; a release candidate counts as its release. None for what is not a version."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version.strip())
    if match is None:
        return None
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch


def is_too_old(version: str) -> bool:
    """Whether that Ollama is known to lack DeepSeek-OCR. A build from source (0.0.0) is not known."""
    parsed = parse_version(version)
    return parsed is not None and _SOURCE_BUILD < parsed < _OLDEST


def generation_of(version: str) -> Generation | None:
    """None where the version does not tell: builds from source call themselves 0.0.0."""
    parsed = parse_version(version)
    if parsed is None or parsed < _OLDEST:
        return None
    if parsed < (0, 30, 0):
        return Generation.A
    return Generation.B if parsed < (0, 32, 2) else Generation.C


def prompt_prefix(generation: Generation | None) -> str:
    """What to put before the prompt: A needs the line end that B and C add themselves."""
    return "\n" if generation is Generation.A else ""


def request_fields(generation: Generation | None) -> dict[str, bool]:
    """Fields that only one generation may be sent.

    `shift: false` makes A end a too long answer with `length` instead of forgetting its beginning; on B and C the
    field would reload the model.
    """
    return {"shift": False} if generation is Generation.A else {}


def vision_tokens(generation: Generation, *, width: int, height: int) -> int:
    """Tokens that a picture of that size in pixels takes."""
    if generation is Generation.B:
        return _single_view_tokens(width * height)
    if generation is Generation.A:
        return _GLOBAL_VIEW_TOKENS + _tile_tokens(_first_grid(width, height))
    if width <= TILE_PX and height <= TILE_PX:
        return _GLOBAL_VIEW_TOKENS
    return _GLOBAL_VIEW_TOKENS + _tile_tokens(_sorted_grid(width, height))


def counted_vision_tokens(
    generation: Generation | None, *, width: int, height: int, prompt: str, prompt_tokens: int | None
) -> int | None:
    """The arithmetic's count where the `prompt_tokens` that Ollama counted confirm it, else None.

    They confirm it if what is left for the prompt's text is at least 0 and at most a token a byte. Without a
    generation, the count must fit one number only.
    """
    if prompt_tokens is None:
        return None
    most_text_tokens = len(prompt.encode()) + _MARKUP_TOKENS
    candidates = {vision_tokens(each, width=width, height=height) for each in _possible(generation)}
    fitting = {count for count in candidates if 0 <= prompt_tokens - count <= most_text_tokens}
    return fitting.pop() if len(fitting) == 1 else None


def _possible(generation: Generation | None) -> Iterable[Generation]:
    return Generation if generation is None else (generation,)


def _single_view_tokens(pixels: int) -> int:
    side = 1024 if abs(pixels - 1024**2) <= abs(pixels - 1280**2) else 1280
    patches = side // 64
    return patches * (patches + 1) + 1


def _tile_tokens(grid: Grid) -> int:
    columns, rows = grid
    return (10 * columns + 1) * (10 * rows)


@cache
def _grids() -> tuple[Grid, ...]:
    """All grids in the order in which Ollama lists them."""
    sides = ((i, j) for n in range(_MIN_TILES, _MAX_TILES + 1) for i in range(1, n + 1) for j in range(1, n + 1))
    return tuple(dict.fromkeys(grid for grid in sides if _MIN_TILES <= grid[0] * grid[1] <= _MAX_TILES))


def _first_grid(width: int, height: int) -> Grid:
    """A's choice: of grids with the same shape, a later one if the picture has half the pixels of the BEST so far."""
    best, best_gap = (1, 1), float("inf")
    for grid in _grids():
        gap = abs(width / height - grid[0] / grid[1])
        if gap < best_gap or (gap == best_gap and _fills_half(width * height, best)):
            best, best_gap = grid, gap
    return best


def _sorted_grid(width: int, height: int) -> Grid:
    """C's choice: grids by area, and a later one if the picture has half the pixels of THAT one."""
    best, best_gap = (1, 1), float("inf")
    for grid in sorted(_grids(), key=lambda grid: grid[0] * grid[1]):
        gap = abs(width / height - grid[0] / grid[1])
        if gap < best_gap or (gap == best_gap and _fills_half(width * height, grid)):
            best, best_gap = grid, gap
    return best


def _fills_half(pixels: int, grid: Grid) -> bool:
    return pixels > 0.5 * TILE_PX * TILE_PX * grid[0] * grid[1]
