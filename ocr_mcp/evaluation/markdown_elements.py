"""Cut a page in Markdown into the elements that OmniDocBench compares: texts, formulas, tables.

Source: OmniDocBench v1.5, `utils/extract.py`. An inline formula comes twice, within its text and as an element of its
own at the end, because a displayed formula of the ground truth may have become an inline one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from ocr_mcp.evaluation.cases import TruthKind
from ocr_mcp.parsing.vlm.pipe_tables import is_row, is_separator, split_row

_PICTURE = re.compile(r"!\[.*?\]\(.*?\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCES = re.compile(r"^```(?:markdown|html|latex)\n?|```\n?$", re.MULTILINE)
_LONG_UNDERSCORES = re.compile(r"_{4,}")
_LONG_SPACES = re.compile(r" {4,}")
_DOCUMENT_TAGS = re.compile(r"</?(?:html|body)>")
_LATEX_TABLE = re.compile(r"\\begin\{(table|tabular)\}.*?\\end\{\1\}", re.DOTALL)
_TABLE_TAG = re.compile(r"<table\b[^>]*>|</table>", re.IGNORECASE)
_FORMULA = re.compile(r"\$\$(.*?)\$\$|\\\[(.*?)\\\]|\$(.*?)\$|\\\((.*?)\\\)", re.DOTALL)
_CODE = re.compile(r"```\w+\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Element:
    """A text, formula or table. `position` is its 0-based index in the Markdown, in characters."""

    kind: TruthKind
    content: str
    position: int
    is_inline: bool = False


def parse_elements(markdown: str) -> list[Element]:
    """Return the elements in their order, with inline formulas last."""
    text = _strip_decoration(markdown)
    found: list[Element] = []
    for take in (_drop_latex_tables, _take_html_tables, _take_formulas, _take_pipe_tables, _take_code):
        text = take(text, found)
    found.extend(_split_paragraphs(text))
    return sorted(found, key=lambda element: (element.is_inline, element.position))


def _strip_decoration(markdown: str) -> str:
    text = _FENCES.sub("", _PICTURE.sub("", _COMMENT.sub("", markdown)))
    text = _LONG_SPACES.sub("    ", _LONG_UNDERSCORES.sub("____", text))
    return _DOCUMENT_TAGS.sub("", text)


def _blank_out(text: str, start: int, end: int) -> str:
    """Replace a part of the text by spaces, so that the rest keeps its position."""
    return text[:start] + " " * (end - start) + text[end:]


def _drop_latex_tables(text: str, found: list[Element]) -> str:
    """Blank out LaTeX tables, which are not compared: the ground truth is HTML."""
    del found
    for match in list(_LATEX_TABLE.finditer(text)):
        text = _blank_out(text, *match.span())
    return text


def _take_html_tables(text: str, found: list[Element]) -> str:
    for start, end in list(_find_outer_tables(text)):
        found.append(Element(TruthKind.TABLE, text[start:end], start))
        text = _blank_out(text, start, end)
    return text


def _find_outer_tables(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each table that is in no other one; a table that is never closed is text."""
    opened: list[int] = []
    for tag in _TABLE_TAG.finditer(text):
        if not tag[0].startswith("</"):
            opened.append(tag.start())
        elif opened:
            start = opened.pop()
            if not opened:
                yield start, tag.end()


def _take_formulas(text: str, found: list[Element]) -> str:
    for match in list(_FORMULA.finditer(text)):
        displayed = match[1] is not None or match[2] is not None
        inside = next(part for part in match.groups() if part is not None)
        if not inside.strip():
            continue
        line = " ".join(inside.split("\n"))
        found.append(Element(TruthKind.FORMULA, rf"\[{line}\]", match.start(), is_inline=not displayed))
        if displayed:
            text = _blank_out(text, *match.span())
    return text


def _take_pipe_tables(text: str, found: list[Element]) -> str:
    for start, end in list(_find_row_runs(text)):
        lines = [line for line in text[start:end].splitlines() if line.strip()]
        rows = [split_row(line) for line in lines if not is_separator(line)]
        found.append(Element(TruthKind.TABLE, _rows_to_html(rows), start))
        text = _blank_out(text, start, end)
    return text


def _find_row_runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each place where two or more lines, one after the other, are rows of a pipe table."""
    position, start, count = 0, 0, 0
    for line in [*text.splitlines(keepends=True), ""]:
        if is_row(line):
            start = start if count else position
            count += 1
        else:
            if count > 1:
                yield start, position
            count = 0
        position += len(line)


def _rows_to_html(rows: list[list[str]]) -> str:
    """Return a plain HTML table."""
    cells = ("".join(f"<td>{escape(cell, quote=False)}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _take_code(text: str, found: list[Element]) -> str:
    for match in list(_CODE.finditer(text)):
        found.append(Element(TruthKind.TEXT, match[1].strip(), match.start()))
        text = _blank_out(text, *match.span())
    return text


def _split_paragraphs(text: str) -> Iterator[Element]:
    """Yield the parts between blank lines, or the lines where none is blank, as plain OCR programs write."""
    separator = "\n\n" if "\n\n" in text else "\n"
    position = 0
    for part in text.split(separator):
        lines = [line.strip() for line in part.split("\n")]
        content = "\n".join(line for line in lines if line)
        if content:
            yield Element(TruthKind.TEXT, content, position)
        position += len(part) + len(separator)
