"""The regions of a page, in reading order."""

from enum import StrEnum

from ocr_mcp.model.geometry import BoundingBox, Frozen


class BlockLabel(StrEnum):
    """What a region is, in the terms of the field (DocLayNet, Docling)."""

    TITLE = "title"
    SECTION_HEADER = "section_header"
    TEXT = "text"
    LIST_ITEM = "list_item"
    TABLE = "table"
    PICTURE = "picture"
    CHART = "chart"
    CAPTION = "caption"
    FORMULA = "formula"
    CODE = "code"
    FOOTNOTE = "footnote"
    PAGE_HEADER = "page_header"
    PAGE_FOOTER = "page_footer"


class TableCell(Frozen):
    """One cell. `row` and `column` are 0-based indexes of its top left corner in the grid."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    text: str
    is_header: bool = False


class Table(Frozen):
    """A grid of `row_count` x `column_count`, its cells in reading order, without overlap."""

    row_count: int
    column_count: int
    cells: tuple[TableCell, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it is a grid that Markdown's bars can say: no cell spans others or has several lines."""
        return all(cell.row_span == cell.column_span == 1 and "\n" not in cell.text for cell in self.cells)


class Continuation(Frozen):
    """The table that another one goes on with: its page, and its 0-based index among the blocks of that page.

    `repeated_rows` is how many rows of the second one repeat the header: those to leave out where both are joined.
    """

    page: int
    block_index: int
    repeated_rows: int


class BlockLine(Frozen):
    """One printed line of a block and where it stands, in page units."""

    text: str
    box: BoundingBox


class Block(Frozen):
    """One region.

    `text` by label: headings without `#` (their level, 1 to 6, is `level`), list items with their marker, formulas as
    LaTeX without delimiters, pictures usually empty, everything else as inline Markdown. A table's text is the source
    that the engine wrote, and `table` is what it means; a table that cannot be read has text and no `table`.
    `boxes` are in page units, several where a region runs over columns; empty when the engine gave none.
    `lines` are the printed lines where the engine found each by itself, else empty; `text` is made of them.
    `continues` says of a table which one on the page before it goes on with.
    `source_label` is the engine's own word for the region. `confidence` (0 to 1) is None unless something measured it.
    """

    label: BlockLabel
    text: str
    boxes: tuple[BoundingBox, ...] = ()
    level: int | None = None
    table: Table | None = None
    source_label: str | None = None
    confidence: float | None = None
    lines: tuple[BlockLine, ...] = ()
    continues: Continuation | None = None
