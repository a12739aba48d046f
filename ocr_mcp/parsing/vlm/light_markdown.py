"""Light Markdown without boxes: what `Free OCR.` answers, and what stands in a text region.

Headings, lists, tables (HTML and `|`), display formulas and fenced code; all else are paragraphs, their lines kept.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.parsing.parsed import ParsedAnswer, joined
from ocr_mcp.parsing.vlm.glued_items import split_items
from ocr_mcp.parsing.vlm.html_tables import parse_table
from ocr_mcp.parsing.vlm.pipe_tables import is_row, is_separator, parse_pipe_table

HEADING = re.compile(r"\s{0,3}(#{1,6})[ \t]+(\S.*)")
LIST_MARKER = re.compile(r"\s*(?:[-*+•◦▪‣·●○■□▢☐☑☒✓–]|\d{1,3}[.)]|\(?(?:\d{1,3}|[a-z]|[ivx]{2,4})\))\s+\S")
_TABLE = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)(.*)")
_CENTRE = re.compile(r"</?center>", re.IGNORECASE)
_CENTRE_END = re.compile(r"</center>\s*$", re.IGNORECASE)
_CAPTION = re.compile(r"(?:fig(?:ure|\.)?|tab(?:le|elle|leau|\.)?|abb(?:ildung|\.)?|chart|图|表)\s*\d", re.IGNORECASE)
MAX_FORMULA_LINES = 200
_DISPLAY = (("\\[", "\\]"), ("$$", "$$"))


@dataclass(frozen=True)
class Piece:
    """A run of text that is a table, or is not."""

    text: str
    is_table: bool


def split_tables(text: str) -> list[Piece]:
    """Cut a text at its HTML tables. An unclosed table runs to the end."""
    pieces: list[Piece] = []
    end = 0
    for match in _TABLE.finditer(text):
        pieces += [Piece(text[end : match.start()], is_table=False), Piece(match[0], is_table=True)]
        end = match.end()
    pieces.append(Piece(text[end:], is_table=False))
    return [piece for piece in pieces if piece.text.strip()]


def parse_light_markdown(text: str) -> ParsedAnswer:
    """Blocks without boxes, in the order written."""
    return joined(_parsed_piece(piece) for piece in split_tables(text))


def _parsed_piece(piece: Piece) -> ParsedAnswer:
    return table_answer(piece.text) if piece.is_table else joined(_Lines(piece.text).parts())


def table_answer(source: str) -> ParsedAnswer:
    """One HTML table as a block that keeps its source."""
    table, issues = parse_table(source)
    return ParsedAnswer((Block(label=BlockLabel.TABLE, text=source.strip(), table=table),), issues)


def without_delimiters(formula: str) -> str:
    r"""A formula without its `\[ \]` or `$$`; as it is when these enclose only a part of it."""
    formula = formula.strip()
    for opening, closing in (*_DISPLAY, ("\\(", "\\)"), ("$", "$")):
        inner = formula[len(opening) : len(formula) - len(closing)]
        enclosed = formula.startswith(opening) and formula.endswith(closing) and len(formula) > len(opening + closing)
        if enclosed and opening not in inner and closing not in inner:
            return inner.strip()
    return formula


class _Lines:
    """A cursor over lines that takes one block after the other."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.index = 0

    def parts(self) -> Iterator[ParsedAnswer]:
        """Every block, in order."""
        readers: tuple[Callable[[], ParsedAnswer | None], ...] = (
            self._fence,
            self._heading,
            self._pipe_table,
            self._formula,
            self._list_item,
            self._centred,
            self._paragraph,
        )
        while self.index < len(self.lines):
            if not self._line.strip():
                self.index += 1
                continue
            yield next(part for part in (reader() for reader in readers) if part is not None)

    @property
    def _line(self) -> str:
        return self.lines[self.index]

    def _take(self, count: int) -> str:
        taken = self.lines[self.index : self.index + count]
        self.index += count
        return "\n".join(taken)

    def _fence(self) -> ParsedAnswer | None:
        opening = _FENCE.fullmatch(self._line)
        if opening is None:
            return None
        body = self._count(lambda line: line.strip() != opening[1], offset=1)
        source = self._take(body + 2)
        return _answer(BlockLabel.CODE, without_fence(source))

    def _heading(self) -> ParsedAnswer | None:
        match = HEADING.fullmatch(self._line)
        if match is None:
            return None
        self.index += 1
        return _answer(BlockLabel.SECTION_HEADER, match[2].strip(), level=len(match[1]))

    def _pipe_table(self) -> ParsedAnswer | None:
        count = self._count(is_row)
        has_separator = count > 1 and is_separator(self.lines[self.index + 1])
        if count < 2 or not (has_separator or count > 2):
            return None
        source = self._take(count)
        table, issues = parse_pipe_table(source)
        return ParsedAnswer((Block(label=BlockLabel.TABLE, text=source, table=table),), issues)

    def _formula(self) -> ParsedAnswer | None:
        for opening, closing in _DISPLAY:
            if self._line.strip().startswith(opening):
                return self._formula_until(opening, closing)
        return None

    def _formula_until(self, opening: str, closing: str) -> ParsedAnswer | None:
        """The formula that opens here, if it also ends at the end of a line, before the paragraph does."""
        line = self._line.strip()
        for count in range(1, MAX_FORMULA_LINES + 1):
            rest = line[len(opening) :] if count == 1 else line
            if closing in rest:
                closes = rest.endswith(closing) and rest.count(closing) == 1
                return _answer(BlockLabel.FORMULA, without_delimiters(self._take(count))) if closes else None
            if self.index + count >= len(self.lines) or not line:
                return None
            line = self.lines[self.index + count].strip()
        return None

    def _list_item(self) -> ParsedAnswer | None:
        """A marker and what follows it, up to the next marker, blank line or other block."""
        if LIST_MARKER.match(self._line) is None:
            return None
        item = self._take(1 + self._continued(1)).strip()
        return joined(_answer(BlockLabel.LIST_ITEM, without_centre(each)) for each in split_items(item))

    def _centred(self) -> ParsedAnswer | None:
        """What stands between `<center>` and `</center>`: DeepSeek-OCR writes captions so."""
        if not _begins_centred(self._line):
            return None
        count = self._count(lambda line: _CENTRE_END.search(line) is None and bool(line.strip()))
        if self.index + count >= len(self.lines) or not self.lines[self.index + count].strip():
            return None
        text = without_centre(self._take(count + 1))
        return _answer(BlockLabel.CAPTION if _CAPTION.match(text) else BlockLabel.TEXT, text)

    def _paragraph(self) -> ParsedAnswer:
        return _answer(BlockLabel.TEXT, without_centre(self._take(1 + self._continued(1))))

    def _continued(self, offset: int) -> int:
        return self._count(lambda line: not _begins_block(line), offset)

    def _count(self, accepts: Callable[[str], bool], offset: int = 0) -> int:
        """How many lines from here on are accepted in a row."""
        start = end = self.index + offset
        while end < len(self.lines) and accepts(self.lines[end]):
            end += 1
        return end - start


def without_fence(source: str) -> str:
    """Code without its fence. A fence that names the language stays: it says something."""
    lines = source.strip("\n").split("\n")
    opening = _FENCE.fullmatch(lines[0])
    if opening is None or opening[2].strip():
        return source.strip("\n")
    closed = len(lines) > 1 and lines[-1].strip() == opening[1]
    return "\n".join(lines[1:-1] if closed else lines[1:])


def without_centre(text: str) -> str:
    """A text without the marks that centre it."""
    return _CENTRE.sub("", text).strip()


def _begins_centred(line: str) -> bool:
    return line.lstrip().lower().startswith("<center>")


def _begins_block(line: str) -> bool:
    stripped = line.strip()
    opens = stripped.startswith(("```", "~~~", "\\[", "$$")) or is_row(line)
    opens = opens or _begins_centred(line)
    return not stripped or opens or HEADING.fullmatch(line) is not None or LIST_MARKER.match(line) is not None


def _answer(label: BlockLabel, text: str, *, level: int | None = None) -> ParsedAnswer:
    return ParsedAnswer((Block(label=label, text=text, level=level),) if text else ())
