"""Merge the blocks that a model wrote about overlapping parts of a page, so that each stands once."""

from collections.abc import Sequence
from itertools import product

from rapidfuzz import fuzz

from ocr_mcp.model.blocks import Block, BlockLabel, Table
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.scripts import folded
from ocr_mcp.parsing.parts.stitching import stitch_texts

MIN_BLOCK_SIMILARITY_PERCENT = 85.0
"""Similarity from which two texts are readings of one block."""
SEAM_BLOCKS = 6
"""Blocks at the end of one part and at the beginning of the next that are compared where they have no boxes."""
_FIGURES = (BlockLabel.PICTURE, BlockLabel.CHART)


def merge_blocks(first: Sequence[Block], second: Sequence[Block]) -> list[Block]:
    """Return the blocks of one part and of the next.

    A block that both parts show stands once, at its place in the first part and in its fuller reading.
    """
    result, rest = list(first), list[Block]()
    for index, theirs in enumerate(second):
        for place, mine in enumerate(result):
            is_near = place >= len(result) - SEAM_BLOCKS and index < SEAM_BLOCKS
            joined = _join_pair(mine, theirs) if _may_be_one(mine, theirs, is_near=is_near) else None
            if joined is not None:
                result[place] = joined
                break
        else:
            rest.append(theirs)
    return [*result, *rest]


def _may_be_one(mine: Block, theirs: Block, *, is_near: bool) -> bool:
    """Tell whether two blocks may be the same.

    Their boxes decide where both have some, else `is_near`, which says whether both are near the seam of the parts.
    """
    if mine.boxes and theirs.boxes:
        return any(_overlap(a, b) for a, b in product(mine.boxes, theirs.boxes))
    return is_near


def _overlap(a: BoundingBox, b: BoundingBox) -> bool:
    """Tell whether two boxes share an area."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    return across > 0 and down > 0


def _join_pair(mine: Block, theirs: Block) -> Block | None:
    """Return one block for two readings of the same block; None where the two only lie close to each other."""
    if mine.table is not None and theirs.table is not None:
        return _join_tables(mine, theirs, mine.table, theirs.table)
    ours, others = folded(mine.text), folded(theirs.text)
    # Figures may have no text at all, so they are told by their labels.
    if not ours and not others:
        alike = mine.label in _FIGURES and theirs.label in _FIGURES
        return _add_place(mine, theirs, mine.text) if alike else None
    if not ours or not others:
        return None
    shorter, longer = sorted((mine, theirs), key=lambda block: len(block.text))
    if fuzz.ratio(ours, others) >= MIN_BLOCK_SIMILARITY_PERCENT or _is_part(folded(shorter.text), folded(longer.text)):
        return _add_place(longer, shorter, longer.text)
    text = stitch_texts(mine.text, theirs.text)
    return None if text is None else _add_place(mine, theirs, text)


def _is_part(shorter: str, longer: str) -> bool:
    """Tell whether the shorter text, of 12 characters or more, stands in the longer one."""
    return len(shorter) >= 12 and fuzz.partial_ratio(shorter, longer) >= MIN_BLOCK_SIMILARITY_PERCENT


def _add_place(block: Block, other: Block, text: str) -> Block:
    """Return a block with that text and with the place of the other reading added to its own."""
    boxes = block.boxes
    if boxes and other.boxes:
        boxes = (*boxes[:-1], boxes[-1].union(other.boxes[0]))
    return block.model_copy(update={"text": text, "boxes": boxes or other.boxes})


def _join_tables(mine: Block, theirs: Block, above: Table, below: Table) -> Block | None:
    """Return a table with the rows of both, and with the rows that both show once.

    The last rows of one must be the first of the other; None where they are not or the numbers of columns differ.
    """
    ours, others = _fold_rows(above), _fold_rows(below)
    most = min(len(ours), len(others))
    shared = next((n for n in range(most, 0, -1) if _are_same_rows(ours[-n:], others[:n])), 0)
    if not shared or above.column_count != below.column_count:
        return None
    shift = above.row_count - shared
    added = [c.model_copy(update={"row": c.row + shift}) for c in below.cells if c.row >= shared]
    table = Table(row_count=shift + below.row_count, column_count=above.column_count, cells=(*above.cells, *added))
    return _add_place(mine, theirs, f"{mine.text}\n{theirs.text}").model_copy(update={"table": table})


def _fold_rows(table: Table) -> list[str]:
    """Return the folded text of each row of a table."""
    rows = ["" for _ in range(table.row_count)]
    for cell in table.cells:
        rows[cell.row] += f"|{folded(cell.text)}"
    return rows


def _are_same_rows(ours: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether rows of two tables are alike one by one."""
    return all(fuzz.ratio(a, b) >= MIN_BLOCK_SIMILARITY_PERCENT for a, b in zip(ours, others, strict=True))
