"""Turn HTML tables into the trees that the metrics compare, and into grids."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false
# lxml publishes no types, so this file turns its elements into nodes of our own.

import re
import unicodedata
from dataclasses import dataclass
from html import unescape
from typing import Any

from lxml import etree, html

from ocr_mcp.model.blocks import Table
from ocr_mcp.parsing.vlm.html_tables import parse_table

_IGNORED_TAGS = ("thead", "tbody", "tfoot", "span", "sup", "sub", "div", "p")


@dataclass(frozen=True, slots=True)
class TableNode:
    """An element of a table: the table, a row or a cell.

    `tokens` of a cell are its characters, with each tag in it as one more. `elements` is the number of elements within,
    those in cells too. Spans are 1 where the element is no cell.
    """

    tag: str
    column_span: int
    row_span: int
    tokens: tuple[str, ...]
    children: tuple["TableNode", ...]
    elements: int


def normalise_table(source: str) -> TableNode | None:
    """Return the first table, as OmniDocBench v1.5 compares it; None where there is none.

    Header cells are cells, groups of rows and markup without meaning are taken out, spans are the only attributes,
    text is in NFKC and one space stands for any white space. Bold and italics stay: they are part of PubTabNet's
    ground truth.
    """
    table = _find_first_table(unicodedata.normalize("NFKC", unescape(source)).replace("\n", ""))
    if table is None:
        return None
    for columns in table.xpath(".//colgroup"):
        columns.drop_tree()
    for formula in table.xpath(".//math"):
        formula.tail = f"${formula.get('alttext', '')}$" + (formula.tail or "")
        formula.drop_tree()
    etree.strip_tags(table, *_IGNORED_TAGS)
    return _build_node(table)


def _find_first_table(source: str) -> Any:
    if "<table" not in source.replace(" ", "").lower():
        return None
    parser = html.HTMLParser(remove_comments=True, encoding="utf-8")
    found = html.document_fromstring(source.encode(), parser=parser).xpath("//table")
    return found[0] if found else None


def _build_node(element: Any) -> TableNode:
    tag = "td" if element.tag == "th" else str(element.tag)
    is_cell = tag == "td"
    return TableNode(
        tag=tag,
        column_span=_read_span(element, "colspan"),
        row_span=_read_span(element, "rowspan"),
        tokens=tuple(_list_tokens(element)[1:-1]) if is_cell else (),
        children=() if is_cell else tuple(_build_node(child) for child in element),
        elements=sum(1 for _ in element.iterdescendants()),
    )


def _read_span(element: Any, name: str) -> int:
    value = str(element.get(name, "1")).strip()
    return int(value) if value.isascii() and value.isdigit() else 1


def _list_tokens(element: Any) -> list[str]:
    tokens = [f"<{element.tag}>", *_collapse_blanks(element.text)]
    for child in element:
        tokens += [*_list_tokens(child), *_collapse_blanks(child.tail)]
    return [*tokens, f"</{element.tag}>"]


def _collapse_blanks(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def list_cell_texts(source: str) -> list[str]:
    """Return the texts of the cells that have one, row by row."""
    grid, _ = parse_table(source)
    return [cell.text for cell in grid.cells if cell.text.strip()] if grid else []


def parse_grid(source: str) -> Table | None:
    """Return the table as a grid; None where its cells cannot be told."""
    return parse_table(source)[0]
