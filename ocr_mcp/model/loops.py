"""When an answer counts as a loop: limits, as data of a model family."""

from ocr_mcp.model.geometry import Frozen


class LoopThresholds(Frozen):
    """Limits of the loop detectors, in characters unless the name says otherwise.

    A loop is proven when a unit of at most `max_unit` characters stands `repeats` times at the end of the answer, on at
    least `min_characters`. Real pages repeat more where a unit has no letters (`filler_characters` of dots, spaces or
    digits), is cells of a table (`cell_characters`), or is cells without letters (`empty_cell_characters`).

    A loop is suspected when the last `window` characters, digits masked, have less than `distinct_share` different
    `gram`s, which is looked at every `window_step` characters; or when a unit of at most `max_long_unit` characters,
    digits masked, stands `long_repeats` times at the end.
    """

    max_unit: int = 400
    repeats: int = 4
    min_characters: int = 160
    filler_characters: int = 800
    cell_characters: int = 800
    empty_cell_characters: int = 2400
    window: int = 1200
    window_step: int = 240
    gram: int = 24
    distinct_share: float = 0.35
    max_long_unit: int = 2000
    long_repeats: int = 3
