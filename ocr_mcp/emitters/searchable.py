"""Places the words of a page for the invisible text under the page of a searchable PDF.

Lines that the engine found are placed where it found them. A paragraph that has only a box is set in that box, and a
table without lines in estimated rows and columns: good enough to find a passage and to select about the right place.
Blocks without a box are spread over the page, so that they can at least be found.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from ocr_mcp.emitters.letter_widths import width_in_em
from ocr_mcp.emitters.placed_lines import SetLine, place_line, set_lines
from ocr_mcp.emitters.text import block_to_text
from ocr_mcp.model.blocks import Block, Table
from ocr_mcp.model.documents import Page, PageOrigin
from ocr_mcp.model.geometry import BoundingBox, Size, whole_page
from ocr_mcp.model.placed_words import PlacedWord
from ocr_mcp.model.turned_blocks import turned_block
from ocr_mcp.model.turning import Turn, turned_box, turned_size

LINE_PADDING_HEIGHTS = 0.1
"""Distance by which detectors' boxes reach beyond a line on the left and right, as a multiple of its height.

It is measured (`tests/emitters/test_searchable.py`).
"""

PAGE_MARGIN_SHARE = 0.05
"""Margin around text without a box, as a share of the page's width and height."""

MAX_CELL_WIDTH_EM = 40.0
"""Width, as a multiple of the type size, above which the text of a cell widens its column no more but wraps."""


def page_words(page: Page) -> tuple[PlacedWord, ...]:
    """Return the words of a page, in page units as the page is displayed; none for a page read from its text layer.

    Such a page carries its text already and needs no second one.
    """
    if page.origin is PageOrigin.TEXT_LAYER:
        return ()
    blocks = [turned_block(block, page.size, page.turn) for block in page.blocks]
    size = turned_size(page.size, page.turn)
    lines = [line for block in blocks for line in _block_lines(block)]
    lines += _lines_without_boxes(blocks, size)
    return tuple(_turn_word(word, size, page.turn.back) for text, box in lines for word in place_line(text, box))


def _turn_word(word: PlacedWord, size: Size, turn: Turn) -> PlacedWord:
    if turn is Turn.NONE:
        return word
    box = turned_box(BoundingBox(left=word.left, top=word.top, right=word.right, bottom=word.bottom), size, turn)
    return PlacedWord(word.text, box.left, box.top, box.right, box.bottom, Turn((word.turn + turn) % 360))


def _block_lines(block: Block) -> Iterator[SetLine]:
    if block.lines:
        yield from ((line.text, _trim_padding(line.box)) for line in block.lines)
    elif block.table is not None and block.boxes:
        yield from _set_cells(block.table, block.boxes[0])
    else:
        yield from _spread_over_boxes(block_to_text(block), block.boxes)


def _trim_padding(box: BoundingBox) -> BoundingBox:
    if box.height > box.width:
        return box
    padding = min(LINE_PADDING_HEIGHTS * box.height, box.width / 8)
    return box.model_copy(update={"left": box.left + padding, "right": box.right - padding})


def _spread_over_boxes(text: str, boxes: tuple[BoundingBox, ...]) -> Iterator[SetLine]:
    """Spread a text over its boxes, each with a share of the words by its share of the area."""
    total = sum(box.area for box in boxes)
    words = text.split(" ")
    ends = [round(len(words) * area / total) for area in accumulate(box.area for box in boxes)] if total else []
    for box, start, end in zip(boxes, [0, *ends], ends, strict=False):
        yield from set_lines(" ".join(words[start:end]), box)


def _set_cells(table: Table, box: BoundingBox) -> Iterator[SetLine]:
    """Set the cells of a table in rows of one height and columns whose widths follow their longest texts."""
    wanted = [1.0] * table.column_count
    for cell in table.cells:
        if cell.column_span == 1:
            wanted[cell.column] = max(wanted[cell.column], min(width_in_em(cell.text), MAX_CELL_WIDTH_EM) + 1)
    edges = [box.left + box.width * edge / sum(wanted) for edge in (0.0, *accumulate(wanted))]
    height = box.height / table.row_count
    for cell in table.cells:
        left, right = edges[cell.column], edges[min(cell.column + cell.column_span, table.column_count)]
        top = box.top + cell.row * height
        cell_box = BoundingBox(left=left, top=top, right=right, bottom=min(top + cell.row_span * height, box.bottom))
        yield from set_lines(cell.text, cell_box)


def _lines_without_boxes(blocks: Sequence[Block], size: Size) -> list[SetLine]:
    texts = [block_to_text(block) for block in blocks if not block.boxes and not block.lines]
    return set_lines("\n".join(filter(None, texts)), whole_page(size).expanded(-PAGE_MARGIN_SHARE))
