"""Writes pages and documents as Markdown.

A figure is a reference to an anchor: `![Figure 2, page 3](#figure-3-2)` is the second figure on page 3, in reading
order. The anchor is the figure's id wherever a program shows or exports it. The reference of a figure that was written
to a file leads to that file. Text is not escaped, because engines write Markdown already; only a `#` that begins a line
of text is, because headings are blocks of their own. Running heads and page numbers are comments, as are the marks of
pages: `<!-- footer: Annual report 17 -->`.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ocr_mcp.emitters.joined_tables import move_table_last, split_joined_table
from ocr_mcp.emitters.maths import dollar_maths, formula_block
from ocr_mcp.emitters.opinions import opinion_notice
from ocr_mcp.emitters.streams import DocumentHeader, stream_parts
from ocr_mcp.emitters.tables import table_rows_to_markdown, table_to_markdown
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import INCOMPLETE, Document, Page, PageFailure

FIGURES = frozenset({BlockLabel.PICTURE, BlockLabel.CHART})
MARGIN_LABELS = frozenset({BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER})
HEADING_LEVELS = {BlockLabel.TITLE: 1, BlockLabel.SECTION_HEADER: 2}
"""Levels (1 to 6) of headings whose blocks state none."""

NO_LINKS: Mapping[int, str] = MappingProxyType({})

_MARKDOWN_MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s")
_BULLET = re.compile(r"[•◦▪‣·●○■□–]\s+")
_HASHES = re.compile(r"^(\s{0,3}#{1,6}\s)", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,})", re.MULTILINE)


class MarkdownStream:
    """Writes a document page by page, with nothing before the first page and nothing after the last."""

    def __init__(self) -> None:
        self._is_first = True

    def begin(self, header: DocumentHeader) -> str:
        """Return nothing: a document's Markdown consists of its pages."""
        del header
        return ""

    def page(self, result: Page | PageFailure, figure_links: Mapping[int, str] = NO_LINKS) -> str:
        """Return the page's part. `figure_links` holds addresses of its figures by their 1-based number on the page."""
        part = markdown_page_part(result, is_first=self._is_first, figure_links=figure_links)
        self._is_first = False
        return part

    def end(self, warnings: tuple[str, ...]) -> str:
        """Return nothing: warnings are shown beside the text, not in it."""
        del warnings
        return ""


def document_to_markdown(document: Document) -> str:
    """Return all pages, each after a comment such as `<!-- page 3 -->`; a failed page is a visible line."""
    return "".join(stream_parts(document, MarkdownStream()))


def markdown_page_part(
    result: Page | PageFailure, *, is_first: bool, figure_links: Mapping[int, str] = NO_LINKS
) -> str:
    """Return what one page adds to its document: a blank line unless it is the first, the page's marker, its text.

    The parts of all pages, concatenated, are the document's Markdown to the byte; each ends with a line break. A table
    that continues the page before continues in the text too: its rows come at once, with the marker in the first one.
    """
    if isinstance(result, Page) and not is_first and (part := _joined_page_part(result, figure_links)):
        return part
    if isinstance(result, PageFailure):
        text = failure_notice(result)
    else:
        text = page_to_markdown(result, figure_links, is_followed=True)
    marked = f"<!-- page {result.number} -->\n\n{text}".rstrip()
    return f"{marked}\n" if is_first else f"\n{marked}\n"


def _joined_page_part(page: Page, figure_links: Mapping[int, str]) -> str:
    """Return the part of a page that begins with more rows of the table above; empty for any other page."""
    joined = split_joined_table(page)
    if joined is None:
        return ""
    comments = [_margin_comment(block.label, block.text) for block in joined.beside if block.text.strip()]
    mark = "".join([f"<!-- page {page.number} -->", *comments])
    rows = table_rows_to_markdown(joined.table, skip=joined.repeated_rows, mark=mark)
    if not rows:
        return ""
    rest = page_to_markdown(joined.rest, figure_links, is_followed=True)
    return f"{rows}\n" + (f"\n{rest}\n" if rest else "")


def page_to_markdown(page: Page, figure_links: Mapping[int, str] = NO_LINKS, *, is_followed: bool = False) -> str:
    """Return one page. Its last lines tell if the engine did not finish it, or if a second reading differs.

    On a page that `is_followed` by others, a table at its end comes last, because the next page may continue it.
    """
    page = move_table_last(page) if is_followed else page
    text, opinion = "", opinion_notice(page)
    for previous, block, part in _block_parts(page, figure_links):
        # A notice below the table would part it from rows on the next page, so it goes before.
        if text and is_followed and block.table and block is page.blocks[-1]:
            text, opinion = "\n\n".join(filter(None, (text, opinion))), ""
        tight = previous is not None and previous.label is block.label is BlockLabel.LIST_ITEM
        text += ("\n" if tight else "\n\n") * bool(text) + part
    notice = incomplete_notice(page)
    return "\n\n".join(filter(None, (text, notice, opinion)))


def figure_anchor(page_number: int, figure_number: int) -> str:
    """Return the id of a figure in its document; both numbers are 1-based."""
    return f"figure-{page_number}-{figure_number}"


def failure_notice(failure: PageFailure) -> str:
    """Return the visible line that takes the place of a page that could not be read."""
    reason = failure.reason.strip().rstrip(".")
    return f"> Page {failure.number} could not be read: {reason}. {failure.hint.strip()}".rstrip()


def incomplete_notice(page: Page) -> str:
    """Return the visible line at the end of a page that breaks off; empty for a complete page."""
    found = next((issue for issue in page.issues if issue.code in INCOMPLETE), None)
    return f"> Page {page.number} is incomplete: {' '.join(found.message.split())}" if found else ""


def _block_parts(page: Page, figure_links: Mapping[int, str]) -> Iterator[tuple[Block | None, Block, str]]:
    """Yield each block that has Markdown, with the one before it (None for the first) and its Markdown."""
    figure_number, previous = 0, None
    for block in page.blocks:
        figure_number += block.label in FIGURES
        link = figure_links.get(figure_number)
        part = block_to_markdown(block, page_number=page.number, figure_number=figure_number, figure_link=link)
        if part:
            yield previous, block, part
            previous = block


def block_to_markdown(block: Block, *, page_number: int, figure_number: int, figure_link: str | None = None) -> str:
    """Return one block; empty if it has no text.

    `figure_number` counts the figures of the page up to and including this block; `figure_link` is the address of its
    picture, None for a figure that was not written to a file.
    """
    text = block.text.strip("\n")
    if block.label in FIGURES:
        return _figure_to_markdown(block, page_number, figure_number, figure_link)
    if block.label in MARGIN_LABELS and text:
        return _margin_comment(block.label, text)
    return _text_block_to_markdown(block, text) if text or block.table else ""


def _margin_comment(label: BlockLabel, text: str) -> str:
    """Return a comment with what stands in the margin of a page: it is no part of the text, and is not lost.

    Characters that would end the comment are replaced by others that look alike.
    """
    said = re.sub(r"-{2,}|[<>]", lambda found: {"<": "‹", ">": "›"}.get(found[0], "–"), " ".join(text.split()))
    return f"<!-- {label.value.removeprefix('page_')}: {said} -->"


def _text_block_to_markdown(block: Block, text: str) -> str:
    match block.label:
        case BlockLabel.TITLE | BlockLabel.SECTION_HEADER:
            return f"{'#' * (block.level or HEADING_LEVELS[block.label])} {dollar_maths(text)}"
        case BlockLabel.TABLE:
            return _table_to_markdown(block)
        case BlockLabel.LIST_ITEM:
            return _list_item_to_markdown(text)
        case BlockLabel.FORMULA:
            return formula_block(text)
        case BlockLabel.CODE:
            return _fence_code(text)
        case _:
            return _HASHES.sub(r"\\\1", dollar_maths(text))


def _table_to_markdown(block: Block) -> str:
    said = f"<!-- goes on with the table of page {block.continues.page} -->\n\n" if block.continues else ""
    return said + (table_to_markdown(block.table) if block.table else block.text.strip())


def _figure_to_markdown(block: Block, page_number: int, figure_number: int, link: str | None) -> str:
    target = link or f"#{figure_anchor(page_number, figure_number)}"
    reference = f"![Figure {figure_number}, page {page_number}]({target})"
    said = _table_to_markdown(block) if block.table else dollar_maths(block.text.strip())
    return f"{reference}\n\n{said}" if said else reference


def _list_item_to_markdown(text: str) -> str:
    """Return a list item with a marker that Markdown knows; other markers, such as `(a)`, stay in the text."""
    text = _BULLET.sub("- ", text, count=1) if _BULLET.match(text) else text
    marked = text if _MARKDOWN_MARKER.match(text) else f"- {text}"
    return dollar_maths(marked).replace("\n", "\n  ")


def _fence_code(text: str) -> str:
    """Return code in a fence that is longer than any inside of it. Code that has a fence keeps it."""
    if _FENCE.match(text):
        return text
    inside = max((len(match[1]) for match in _FENCE.finditer(text)), default=0)
    fence = "`" * max(3, inside + 1)
    return f"{fence}\n{text}\n{fence}"
