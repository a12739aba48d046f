"""Restores the cells of a table that lost its cell marks, by the grid of another reading of the same place.

The words stay the model's own. Only the places where cells begin and end are taken from the other reading, and only
where both readings agree on the characters there. A table that does not fit stays as it is: nothing is guessed.
"""

import html
import re
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from ocr_mcp.model.blocks import Block, BlockLabel, Table

MIN_SAME_SHARE = 0.9
"""Share of characters, in their order, that both readings must have in common.

The embedded engine differs from the truth by less than .05 on clean print.
"""

_CELL_MARK = re.compile(r"</?(?:table|caption|thead|tbody|tfoot|tr|td|th)(?:\s[^<>]*)?>", re.IGNORECASE)


def is_fused_block(block: Block) -> bool:
    """Return True for a table block that has text but no cells."""
    has_text = re.search(r"\w", _CELL_MARK.sub("", block.text)) is not None
    return block.label is BlockLabel.TABLE and block.table is None and has_text


def refill_table(fused: str, other: Table) -> Table | None:
    """Return the grid of `other` filled with the text of `fused`, the HTML source of a table without cell marks.

    Return None if `other` is smaller than 2 x 2 cells, if it differs in too many characters, or if it is not certain
    where a cell ends.
    """
    if min(other.row_count, other.column_count) < 2:
        return None
    text = html.unescape(_CELL_MARK.sub(" ", fused))
    texts = [_remove_spaces(cell.text) for cell in other.cells]
    cuts = _find_cuts("".join(texts), text, _boundaries(texts))
    if cuts is None:
        return None
    parts = (" ".join(text[start:end].split()) for start, end in pairwise(cuts))
    cells = (cell.model_copy(update={"text": part}) for cell, part in zip(other.cells, parts, strict=True))
    return other.model_copy(update={"cells": tuple(cells)})


def _remove_spaces(text: str) -> str:
    return "".join(text.split())


def _boundaries(texts: list[str]) -> list[int]:
    """Return the index at which each cell begins in the joined texts, and the one behind the last cell."""
    ends = [0]
    for text in texts:
        ends.append(ends[-1] + len(text))
    return ends


def _find_cuts(other: str, text: str, boundaries: list[int]) -> list[int] | None:
    """Return the indexes in `text` for the `boundaries` in `other`, which has no spaces; None if one is uncertain."""
    places = [index for index, character in enumerate(text) if not character.isspace()]
    solid = "".join(text[index] for index in places)
    if not other or not solid or Levenshtein.normalized_similarity(other, solid) < MIN_SAME_SHARE:
        return None
    partners = _pair_characters(other, solid)
    cuts = [_find_cut(partners, boundary, other, solid) for boundary in boundaries]
    found = [cut for cut in cuts if cut is not None]
    if len(found) < len(cuts):
        return None
    return [places[cut] if cut < len(places) else len(text) for cut in found]


def _pair_characters(other: str, solid: str) -> dict[int, int]:
    """Map indexes of characters in `other` to those in `solid`. Characters that one of the two lacks are left out."""
    partners: dict[int, int] = {}
    for op in Levenshtein.opcodes(other, solid):
        if op.tag in ("equal", "replace"):
            partners |= zip(range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True)
    return partners


def _find_cut(partners: dict[int, int], boundary: int, other: str, solid: str) -> int | None:
    """Return the index in `solid` for a boundary in `other`; None if the characters around it are not neighbours there.

    One of the two must be the same in both readings, so that a stretch that was read differently is not cut in two.
    """
    if boundary in (0, len(other)):
        return len(solid) if boundary else 0
    before, after = partners.get(boundary - 1), partners.get(boundary)
    if before is None or after is None or after != before + 1:
        return None
    same = other[boundary - 1] == solid[before] or other[boundary] == solid[after]
    return after if same else None
