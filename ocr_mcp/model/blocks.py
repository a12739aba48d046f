"""The regions of a page, in reading order."""

from enum import StrEnum

from ocr_mcp.model.geometry import BoundingBox, Frozen


class BlockLabel(StrEnum):
    """The kind of a region, in the terms of DocLayNet and Docling."""

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
    """One cell of a table. `row` and `column` are the 0-based indexes of its top left corner in the grid."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    text: str
    is_header: bool = False


class Table(Frozen):
    """A grid of `row_count` x `column_count`. Its cells are in reading order and do not overlap."""

    row_count: int
    column_count: int
    cells: tuple[TableCell, ...]

    @property
    def is_plain(self) -> bool:
        """True for a table that Markdown's pipe syntax can write: no cell has a span above 1 or several lines."""
        return all(cell.row_span == cell.column_span == 1 and "\n" not in cell.text for cell in self.cells)


class Continuation(Frozen):
    """A reference to the table on an earlier page that another table continues.

    `page` is the 1-based number of that page, and `block_index` the table's 0-based index among its blocks.
    `repeated_rows` is the number of first rows of the continuing table that repeat the header; they are left out when
    both tables are joined.
    """

    page: int
    block_index: int
    repeated_rows: int


class BlockLine(Frozen):
    """One printed line of a block, with its box in page units."""

    text: str
    box: BoundingBox


class Block(Frozen):
    """One region of a page.

    `text` depends on the label: headings are without `#` (their level, 1 to 6, is `level`), list items have their
    marker, formulas are LaTeX without delimiters, pictures are usually empty, and everything else is inline Markdown.
    The text of a table is the source that the engine wrote, and `table` is the parsed table, None if the source cannot
    be parsed.
    `boxes` are in page units: several if a region runs over columns, none if the engine gave none.
    `lines` are the printed lines that `text` was made of, empty unless the engine recognises lines one by one.
    `continues` names the table on the page before that this table continues, if there is one.
    `source_label` is the engine's own name for the region. `confidence` (0 to 1) is None unless it was measured.
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
