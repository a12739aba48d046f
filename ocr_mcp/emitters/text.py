"""Writes pages and documents as plain text."""

import re

from ocr_mcp.emitters.markdown import failure_notice, incomplete_notice
from ocr_mcp.emitters.maths import strip_delimiters
from ocr_mcp.emitters.streams import DocumentHeader, stream_parts
from ocr_mcp.emitters.tables import table_grid
from ocr_mcp.model.blocks import Block, BlockLabel, Table
from ocr_mcp.model.documents import Document, Page, PageFailure

PAGE_BREAK = "\f"

_TAGS = re.compile(r"</?(?:su[bp]|center|[biu]|em|strong)>", re.IGNORECASE)
_STRONG = re.compile(r"(?<![\w*])\*\*(?=\S)((?:(?!\*\*).)+)(?<=\S)\*\*(?![\w*])", re.DOTALL)
_FENCE_LINE = re.compile(r"^\s*(?:```+|~~~+).*\n?", re.MULTILINE)


class TextStream:
    """Writes a document page by page, with a form feed between pages."""

    def __init__(self) -> None:
        self._is_first = True

    def begin(self, header: DocumentHeader) -> str:
        """Return nothing: a document's text consists of its pages."""
        del header
        return ""

    def page(self, result: Page | PageFailure) -> str:
        """Return the page's lines, after a form feed unless it is the first page."""
        separator = "" if self._is_first else PAGE_BREAK
        self._is_first = False
        text = page_to_text(result) if isinstance(result, Page) else failure_to_text(result)
        return f"{separator}{text}\n"

    def end(self, warnings: tuple[str, ...]) -> str:
        """Return nothing: warnings are shown beside the text, not in it."""
        del warnings
        return ""


def document_to_text(document: Document) -> str:
    """Return the pages with a form feed between them, as `pdftotext` does; failures are lines in square brackets."""
    return "".join(stream_parts(document, TextStream()))


def page_to_text(page: Page) -> str:
    """Return one page without markup: a blank line between blocks but not between list items, tables with tabs."""
    text = ""
    previous: Block | None = None
    for block in page.blocks:
        part = block_to_text(block)
        if not part:
            continue
        tight = previous is not None and previous.label is block.label is BlockLabel.LIST_ITEM
        text += ("\n" if tight else "\n\n") * bool(text) + part
        previous = block
    notice = incomplete_notice(page)
    return "\n\n".join(filter(None, (text, _notice_in_brackets(notice) if notice else "")))


def failure_to_text(failure: PageFailure) -> str:
    """Return the line in square brackets that stands in the place of a page that could not be read."""
    return _notice_in_brackets(failure_notice(failure))


def block_to_text(block: Block) -> str:
    """Return one block without markup, a table as tab-separated lines."""
    if block.table is not None:
        return _table_to_tabs(block.table)
    if block.label is BlockLabel.CODE:
        return _FENCE_LINE.sub("", block.text).strip("\n")
    text = _STRONG.sub(r"\1", _TAGS.sub("", block.text))
    return strip_delimiters(text).strip()


def _table_to_tabs(table: Table) -> str:
    return "\n".join("\t".join(_flatten_cell(cell) for cell in row).rstrip("\t") for row in table_grid(table))


def _flatten_cell(cell: str) -> str:
    return " ".join(strip_delimiters(_TAGS.sub("", cell)).split())


def _notice_in_brackets(notice: str) -> str:
    return f"[{notice.removeprefix('> ')}]"
