"""Where the tables of a page stand: the one that may go on on the next page, the one that may have begun before."""

import re

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import Page

_NOTE = re.compile(
    r"\bcontinue[ds]\b|\(cont[.'’]?d?\.?\)|\bfortsetzung\b|\(suite\)|\(continuaci[oó]n\)|\(segue\)|\(vervolg\)",
    re.IGNORECASE,
)
_NOTE_CHARACTERS = 60
_NOTE_LABELS = frozenset({BlockLabel.TEXT, BlockLabel.CAPTION, BlockLabel.SECTION_HEADER})
_MARGINS = frozenset({BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER})


def is_beside_tables(block: Block) -> bool:
    """Whether a block may stand between two parts of a table: running heads, page numbers, a word like "continued"."""
    text = block.text.strip()
    if block.label in _MARGINS or (block.label is BlockLabel.TEXT and not text):
        return True
    return block.label in _NOTE_LABELS and len(text) <= _NOTE_CHARACTERS and _NOTE.search(text) is not None


def first_table_index(page: Page) -> int | None:
    """The 0-based index of the table that a page begins with, None if it begins with something else."""
    index = next((index for index, block in enumerate(page.blocks) if not is_beside_tables(block)), None)
    return index if index is not None and page.blocks[index].table is not None else None


def last_table_index(page: Page) -> int | None:
    """The 0-based index of the table that a page ends with, None if it ends with something else, or breaks off."""
    bodies = [index for index, block in enumerate(page.blocks) if not is_beside_tables(block)]
    is_table = bool(bodies) and page.blocks[bodies[-1]].label is BlockLabel.TABLE
    return bodies[-1] if is_table and page.blocks[bodies[-1]].table is not None and not page.is_incomplete else None
