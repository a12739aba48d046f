"""Pages for the emitters' tests."""

from ocr_mcp.model.blocks import Block, BlockLabel, Table, TableCell
from ocr_mcp.model.documents import Document, IssueCode, Page, PageFailure, PageIssue, PageOrigin
from ocr_mcp.model.geometry import PageUnit, Size
from ocr_mcp.model.predictions import Task


def block(label: BlockLabel, text: str, *, level: int | None = None, table: Table | None = None) -> Block:
    return Block(label=label, text=text, level=level, table=table)


def page(*blocks: Block, number: int = 1, issues: tuple[PageIssue, ...] = ()) -> Page:
    return Page(
        number=number,
        size=Size(width=595, height=842),
        unit=PageUnit.POINT,
        origin=PageOrigin.OCR,
        origin_reason="a test",
        task=Task.MARKDOWN,
        blocks=blocks,
        issues=issues,
    )


def document(*pages: Page | PageFailure) -> Document:
    return Document(source="a.pdf", media_type="application/pdf", total_pages=9, pages=pages)


def table(*rows: list[str], header: bool = False) -> Table:
    cells = (
        TableCell(row=r, column=c, text=text, is_header=header and r == 0)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return Table(row_count=len(rows), column_count=max(map(len, rows)), cells=tuple(cells))


FAILURE = PageFailure(number=4, code="ENGINE_TIMEOUT", reason="The answer stalled.", hint="Try again.")
CUT = PageIssue(code=IssueCode.TRUNCATED, message="The answer reached the limit.")
