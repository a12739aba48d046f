"""A table whose cell marks were lost, put into the grid that another reading of the same place found.

The words stay the model's own: only where one cell ends and the next begins is taken from the other reading, and only
where both readings agree on the characters there. Nothing is guessed: a table that does not fit stays as it is.
"""

import html
import re
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from ocr_mcp.model.blocks import Block, BlockLabel, Table

SAME_SHARE = 0.9
"""Of the characters, in their order. The embedded engine differs from the truth by under .05 on clean print."""

_CELL_MARK = re.compile(r"</?(?:table|caption|thead|tbody|tfoot|tr|td|th)(?:\s[^<>]*)?>", re.IGNORECASE)


def is_fused_block(block: Block) -> bool:
    """Whether a block is a table with text whose cells nobody can tell apart."""
    has_text = re.search(r"\w", _CELL_MARK.sub("", block.text)) is not None
    return block.label is BlockLabel.TABLE and block.table is None and has_text


def refilled(fused: str, other: Table) -> Table | None:
    """The grid of `other` with the text of `fused`, the source of a table without cell marks.

    None where `other` is no real table (2 x 2 at least), does not say the same, or leaves open where a cell ends.
    """
    if min(other.row_count, other.column_count) < 2:
        return None
    text = html.unescape(_CELL_MARK.sub(" ", fused))
    texts = [_solid(cell.text) for cell in other.cells]
    cuts = _cuts("".join(texts), text, _boundaries(texts))
    if cuts is None:
        return None
    parts = (" ".join(text[start:end].split()) for start, end in pairwise(cuts))
    cells = (cell.model_copy(update={"text": part}) for cell, part in zip(other.cells, parts, strict=True))
    return other.model_copy(update={"cells": tuple(cells)})


def _solid(text: str) -> str:
    return "".join(text.split())


def _boundaries(texts: list[str]) -> list[int]:
    """Where each cell begins in their joined text, and where the last one ends."""
    ends = [0]
    for text in texts:
        ends.append(ends[-1] + len(text))
    return ends


def _cuts(other: str, text: str, boundaries: list[int]) -> list[int] | None:
    """The places in `text` that stand for `boundaries` in `other`, which has no spaces."""
    places = [index for index, character in enumerate(text) if not character.isspace()]
    solid = "".join(text[index] for index in places)
    if not other or not solid or Levenshtein.normalized_similarity(other, solid) < SAME_SHARE:
        return None
    partners = _partners(other, solid)
    cuts = [_cut(partners, boundary, other, solid) for boundary in boundaries]
    found = [cut for cut in cuts if cut is not None]
    if len(found) < len(cuts):
        return None
    return [places[cut] if cut < len(places) else len(text) for cut in found]


def _partners(other: str, solid: str) -> dict[int, int]:
    """Which character of `solid` stands for which of `other`; those that one of the two lacks have none."""
    partners: dict[int, int] = {}
    for op in Levenshtein.opcodes(other, solid):
        if op.tag in ("equal", "replace"):
            partners |= zip(range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True)
    return partners


def _cut(partners: dict[int, int], boundary: int, other: str, solid: str) -> int | None:
    """The place between the characters before and after the boundary; None unless they are neighbours there too.

    One of the two has to be the same in both readings, so that a stretch read otherwise is not cut in its middle.
    """
    if boundary in (0, len(other)):
        return len(solid) if boundary else 0
    before, after = partners.get(boundary - 1), partners.get(boundary)
    if before is None or after is None or after != before + 1:
        return None
    same = other[boundary - 1] == solid[before] or other[boundary] == solid[after]
    return after if same else None
