"""A page's words where they stand, for the invisible text under the page of a searchable PDF.

Lines that the engine found lie where it found them. A paragraph that has only a box is set in it, and a table without
lines in its rows and columns: an estimate, good enough to find a passage and to select about the right place. What has
no box at all is spread over the page, so that it is found at least.
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

LINE_PADDING = 0.1
"""How far detectors' boxes reach beyond a line on the left and right, in its height (measured: tests)."""

PAGE_MARGIN = -0.05
MAX_CELL_WIDTH = 40.0
"""In the size of the type; a longer text is set in several lines."""


def page_words(page: Page) -> tuple[PlacedWord, ...]:
    """The words of a page that was read from its picture. A text layer that is used as it is needs no second one."""
    if page.origin is PageOrigin.TEXT_LAYER:
        return ()
    blocks = [turned_block(block, page.size, page.turn) for block in page.blocks]
    size = turned_size(page.size, page.turn)
    lines = [line for block in blocks for line in _block_lines(block)]
    lines += _homeless_lines(blocks, size)
    return tuple(_turned_word(word, size, page.turn.back) for text, box in lines for word in place_line(text, box))


def _turned_word(word: PlacedWord, size: Size, turn: Turn) -> PlacedWord:
    if turn is Turn.NONE:
        return word
    box = turned_box(BoundingBox(left=word.left, top=word.top, right=word.right, bottom=word.bottom), size, turn)
    return PlacedWord(word.text, box.left, box.top, box.right, box.bottom, Turn((word.turn + turn) % 360))


def _block_lines(block: Block) -> Iterator[SetLine]:
    if block.lines:
        yield from ((line.text, _without_padding(line.box)) for line in block.lines)
    elif block.table is not None and block.boxes:
        yield from _cells(block.table, block.boxes[0])
    else:
        yield from _flowing(block_to_text(block), block.boxes)


def _without_padding(box: BoundingBox) -> BoundingBox:
    if box.height > box.width:
        return box
    padding = min(LINE_PADDING * box.height, box.width / 8)
    return box.model_copy(update={"left": box.left + padding, "right": box.right - padding})


def _flowing(text: str, boxes: tuple[BoundingBox, ...]) -> Iterator[SetLine]:
    """A text over its boxes, each with the part that its area has."""
    total = sum(box.area for box in boxes)
    words = text.split(" ")
    ends = [round(len(words) * area / total) for area in accumulate(box.area for box in boxes)] if total else []
    for box, start, end in zip(boxes, [0, *ends], ends, strict=False):
        yield from set_lines(" ".join(words[start:end]), box)


def _cells(table: Table, box: BoundingBox) -> Iterator[SetLine]:
    """Rows of one height, columns as wide as their texts ask for."""
    wanted = [1.0] * table.column_count
    for cell in table.cells:
        if cell.column_span == 1:
            wanted[cell.column] = max(wanted[cell.column], min(width_in_em(cell.text), MAX_CELL_WIDTH) + 1)
    edges = [box.left + box.width * edge / sum(wanted) for edge in (0.0, *accumulate(wanted))]
    height = box.height / table.row_count
    for cell in table.cells:
        left, right = edges[cell.column], edges[min(cell.column + cell.column_span, table.column_count)]
        top = box.top + cell.row * height
        cell_box = BoundingBox(left=left, top=top, right=right, bottom=min(top + cell.row_span * height, box.bottom))
        yield from set_lines(cell.text, cell_box)


def _homeless_lines(blocks: Sequence[Block], size: Size) -> list[SetLine]:
    texts = [block_to_text(block) for block in blocks if not block.boxes and not block.lines]
    return set_lines("\n".join(filter(None, texts)), whole_page(size).expanded(PAGE_MARGIN))
