"""Finds the table at the beginning of a page, which may continue an earlier one, and the table at its end."""

import re

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import Page

_NOTE = re.compile(
    r"\bcontinue[ds]\b|\(cont[.'’]?d?\.?\)|\bfortsetzung\b|\(suite\)|\(continuaci[oó]n\)|\(segue\)|\(vervolg\)",
    re.IGNORECASE,
)
_MAX_NOTE_CHARACTERS = 60
"""Length up to which a block with a note such as "continued" is that note and not text about it."""
_NOTE_LABELS = frozenset({BlockLabel.TEXT, BlockLabel.CAPTION, BlockLabel.SECTION_HEADER})
_MARGIN_LABELS = frozenset({BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER})


def is_beside_tables(block: Block) -> bool:
    """Return true if a block may stand between two parts of one table.

    Such blocks are running heads, page numbers, empty text, and short notes such as "continued".
    """
    text = block.text.strip()
    if block.label in _MARGIN_LABELS or (block.label is BlockLabel.TEXT and not text):
        return True
    return block.label in _NOTE_LABELS and len(text) <= _MAX_NOTE_CHARACTERS and _NOTE.search(text) is not None


def first_table_index(page: Page) -> int | None:
    """Return the 0-based index of the table that a page begins with, None if it begins with something else."""
    index = next((index for index, block in enumerate(page.blocks) if not is_beside_tables(block)), None)
    return index if index is not None and page.blocks[index].table is not None else None


def last_table_index(page: Page) -> int | None:
    """Return the 0-based index of the table that a page ends with, None if it ends otherwise or is incomplete."""
    bodies = [index for index, block in enumerate(page.blocks) if not is_beside_tables(block)]
    is_table = bool(bodies) and page.blocks[bodies[-1]].label is BlockLabel.TABLE
    return bodies[-1] if is_table and page.blocks[bodies[-1]].table is not None and not page.is_incomplete else None
