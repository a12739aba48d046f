"""The limits above which an answer counts as a loop, as data of a model family."""

from ocr_mcp.model.geometry import Frozen


class LoopThresholds(Frozen):
    """Limits of the loop detectors, in characters unless the name says otherwise.

    A loop is proven if a unit of at most `max_unit` characters stands `repeats` times in a row at the end of the answer
    and all repetitions together have at least `min_characters`. Real pages repeat some units for longer, so more
    characters are needed there: `filler_characters` for a unit without letters (dots, spaces or digits),
    `cell_characters` for cells of a table, and `empty_cell_characters` for cells without letters.

    A loop is suspected by a second detector. It examines the end of the answer every `window_step` characters, with
    numbers masked and tags left out. A unit of at most `max_long_unit` masked characters that stands there
    `long_repeats` times is suspected in two cases. In the first, each of its numbers stays or grows by a regular step
    over `counter_repeats` repetitions and `window` characters. In the second, it has more letters than digits, its
    repetitions have at least `words_characters`, and they are `words_repeats` or reach `page_characters`.

    `page_characters` is about the text that a page has room for. Anything that repeats for so long is suspected, also
    without a unit, if fewer than `distinct_share` of the substrings of `gram` characters in the last `window`
    characters are different. A counting unit that repeats for so long is a proven loop.
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
