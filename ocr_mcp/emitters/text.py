"""Pages and documents as plain text."""

import re

from ocr_mcp.emitters.markdown import failure_notice, incomplete_notice
from ocr_mcp.emitters.maths import without_delimiters
from ocr_mcp.emitters.tables import table_grid
from ocr_mcp.model.blocks import Block, BlockLabel, Table
from ocr_mcp.model.documents import Document, Page

PAGE_BREAK = "\f"

_TAGS = re.compile(r"</?(?:su[bp]|center|[biu]|em|strong)>", re.IGNORECASE)
_STRONG = re.compile(r"(?<![\w*])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![\w*])", re.DOTALL)
_FENCE_LINE = re.compile(r"^\s*(?:```+|~~~+).*\n?", re.MULTILINE)


def document_to_text(document: Document) -> str:
    """The pages with a form feed between them, as `pdftotext` does; failures are lines in square brackets."""
    pages = (page_to_text(p) if isinstance(p, Page) else _bracketed(failure_notice(p)) for p in document.pages)
    return PAGE_BREAK.join(f"{page}\n" for page in pages)


def page_to_text(page: Page) -> str:
    """One page without markup, blocks apart by a blank line, tables as tab-separated lines."""
    text = ""
    previous: Block | None = None
    for block in page.blocks:
        part = _block_text(block)
        if not part:
            continue
        tight = previous is not None and previous.label is block.label is BlockLabel.LIST_ITEM
        text += ("\n" if tight else "\n\n") * bool(text) + part
        previous = block
    notice = incomplete_notice(page)
    return "\n\n".join(filter(None, (text, _bracketed(notice) if notice else "")))


def _block_text(block: Block) -> str:
    if block.table is not None:
        return _tabbed(block.table)
    if block.label is BlockLabel.CODE:
        return _FENCE_LINE.sub("", block.text).strip("\n")
    text = _STRONG.sub(r"\1", _TAGS.sub("", block.text))
    return without_delimiters(text).strip()


def _tabbed(table: Table) -> str:
    return "\n".join("\t".join(_flat(cell) for cell in row).rstrip("\t") for row in table_grid(table))


def _flat(cell: str) -> str:
    return " ".join(without_delimiters(_TAGS.sub("", cell)).split())


def _bracketed(notice: str) -> str:
    return f"[{notice.removeprefix('> ')}]"
