"""When an answer counts as a loop: limits, as data of a model family."""

from ocr_mcp.model.geometry import Frozen


class LoopThresholds(Frozen):
    """Limits of the loop detectors, in characters unless the name says otherwise.

    A loop is proven when a unit of at most `max_unit` characters stands `repeats` times at the end of the answer, on at
    least `min_characters`. Real pages repeat more where a unit has no letters (`filler_characters` of dots, spaces or
    digits), is cells of a table (`cell_characters`), or is cells without letters (`empty_cell_characters`).

    Suspicion looks at the end every `window_step` characters, numbers masked and tags left out. A unit of at most
    `max_long_unit` masked characters that stands `long_repeats` times there is suspected if, over `counter_repeats`
    repetitions and `window` characters, its numbers count; or if it has more letters than digits and stands
    `words_repeats` times, on at least `words_characters` and at most `page_characters`. What repeats for
    `page_characters`, about what a page has room for, is suspected whatever it is: also where it is no unit, but the
    last `window` characters have less than `distinct_share` different `gram`s. What counts for so long is proven.
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
    counter_repeats: int = 8
    words_repeats: int = 12
    words_characters: int = 800
    page_characters: int = 4000
