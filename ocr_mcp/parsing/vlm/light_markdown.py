"""Light Markdown without boxes: answers to a prompt for plain text, and the content of text regions.

It knows headings, lists, tables (HTML and `|`), display formulas, fenced code and centred lines. All else are
paragraphs, which keep their line breaks.
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
"""Lines in which the end of a display formula is looked for: many unclosed formulas must not cost quadratic time."""

_DISPLAY_DELIMITERS = (("\\[", "\\]"), ("$$", "$$"))


@dataclass(frozen=True)
class TextPiece:
    """A piece of an answer that is one HTML table, or has none."""

    text: str
    is_table: bool


def split_tables(text: str) -> list[TextPiece]:
    """Cut a text at its HTML tables. An unclosed table runs to the end; blank pieces are left out."""
    pieces: list[TextPiece] = []
    end = 0
    for match in _TABLE.finditer(text):
        pieces += [TextPiece(text[end : match.start()], is_table=False), TextPiece(match[0], is_table=True)]
        end = match.end()
    pieces.append(TextPiece(text[end:], is_table=False))
    return [piece for piece in pieces if piece.text.strip()]


def parse_light_markdown(text: str) -> ParsedAnswer:
    """Return blocks without boxes, in the order written."""
    return joined(_parse_piece(piece) for piece in split_tables(text))


def _parse_piece(piece: TextPiece) -> ParsedAnswer:
    return table_answer(piece.text) if piece.is_table else joined(_BlockCursor(piece.text).parts())


def table_answer(source: str) -> ParsedAnswer:
    """Parse one HTML table into a block, whose text is the source."""
    table, issues = parse_table(source)
    return ParsedAnswer((Block(label=BlockLabel.TABLE, text=source.strip(), table=table),), issues)


def strip_delimiters(formula: str) -> str:
    r"""Remove `\[ \]`, `$$`, `\( \)` or `$` from around a formula, unless they enclose only a part of it."""
    formula = formula.strip()
    for opening, closing in (*_DISPLAY_DELIMITERS, ("\\(", "\\)"), ("$", "$")):
        inner = formula[len(opening) : len(formula) - len(closing)]
        enclosed = formula.startswith(opening) and formula.endswith(closing) and len(formula) > len(opening + closing)
        if enclosed and opening not in inner and closing not in inner:
            return inner.strip()
    return formula


class _BlockCursor:
    """A cursor over the lines of a text, which takes one block after the other from them.

    Each reader returns the block that begins at the cursor and moves behind it, or returns None and does not move.
    """

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.index = 0

    def parts(self) -> Iterator[ParsedAnswer]:
        """Yield every block, in the order written."""
        readers: tuple[Callable[[], ParsedAnswer | None], ...] = (
            self._take_fenced_code,
            self._take_heading,
            self._take_pipe_table,
            self._take_formula,
            self._take_list_item,
            self._take_centred,
            self._take_paragraph,
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

    def _take_fenced_code(self) -> ParsedAnswer | None:
        opening = _FENCE.fullmatch(self._line)
        if opening is None:
            return None
        body = self._count_accepted(lambda line: line.strip() != opening[1], offset=1)
        source = self._take(body + 2)
        return _single_block(BlockLabel.CODE, strip_fence(source))

    def _take_heading(self) -> ParsedAnswer | None:
        match = HEADING.fullmatch(self._line)
        if match is None:
            return None
        self.index += 1
        return _single_block(BlockLabel.SECTION_HEADER, match[2].strip(), level=len(match[1]))

    def _take_pipe_table(self) -> ParsedAnswer | None:
        count = self._count_accepted(is_row)
        # Two lines of bars without a line of dashes may be prose; three are a table.
        has_separator = count > 1 and is_separator(self.lines[self.index + 1])
        if count < 2 or not (has_separator or count > 2):
            return None
        source = self._take(count)
        table, issues = parse_pipe_table(source)
        return ParsedAnswer((Block(label=BlockLabel.TABLE, text=source, table=table),), issues)

    def _take_formula(self) -> ParsedAnswer | None:
        for opening, closing in _DISPLAY_DELIMITERS:
            if self._line.strip().startswith(opening):
                return self._take_formula_until(opening, closing)
        return None

    def _take_formula_until(self, opening: str, closing: str) -> ParsedAnswer | None:
        """Take the formula that opens here, if its end is also the end of a line and comes before a blank line."""
        line = self._line.strip()
        for count in range(1, MAX_FORMULA_LINES + 1):
            rest = line[len(opening) :] if count == 1 else line
            if closing in rest:
                closes = rest.endswith(closing) and rest.count(closing) == 1
                return _single_block(BlockLabel.FORMULA, strip_delimiters(self._take(count))) if closes else None
            if self.index + count >= len(self.lines) or not line:
                return None
            line = self.lines[self.index + count].strip()
        return None

    def _take_list_item(self) -> ParsedAnswer | None:
        """Take a list item: a marker and what follows it up to the next marker, blank line or other block."""
        if LIST_MARKER.match(self._line) is None:
            return None
        item = self._take(1 + self._count_continued(1)).strip()
        return joined(_single_block(BlockLabel.LIST_ITEM, strip_centre_tags(each)) for each in split_items(item))

    def _take_centred(self) -> ParsedAnswer | None:
        """Take the text between `<center>` and `</center>`, as models write captions."""
        if not _begins_centred(self._line):
            return None
        count = self._count_accepted(lambda line: _CENTRE_END.search(line) is None and bool(line.strip()))
        if self.index + count >= len(self.lines) or not self.lines[self.index + count].strip():
            return None
        text = strip_centre_tags(self._take(count + 1))
        return _single_block(BlockLabel.CAPTION if _CAPTION.match(text) else BlockLabel.TEXT, text)

    def _take_paragraph(self) -> ParsedAnswer:
        return _single_block(BlockLabel.TEXT, strip_centre_tags(self._take(1 + self._count_continued(1))))

    def _count_continued(self, offset: int) -> int:
        return self._count_accepted(lambda line: not _begins_block(line), offset)

    def _count_accepted(self, accepts: Callable[[str], bool], offset: int = 0) -> int:
        """Count the lines that are accepted in a row, from `offset` lines behind the cursor on."""
        start = end = self.index + offset
        while end < len(self.lines) and accepts(self.lines[end]):
            end += 1
        return end - start


def strip_fence(source: str) -> str:
    """Remove the fence from around code. A fence that names the language stays, because it carries information."""
    lines = source.strip("\n").split("\n")
    opening = _FENCE.fullmatch(lines[0])
    if opening is None or opening[2].strip():
        return source.strip("\n")
    closed = len(lines) > 1 and lines[-1].strip() == opening[1]
    return "\n".join(lines[1:-1] if closed else lines[1:])


def strip_centre_tags(text: str) -> str:
    """Remove the tags that centre a text."""
    return _CENTRE.sub("", text).strip()


def _begins_centred(line: str) -> bool:
    return line.lstrip().lower().startswith("<center>")


def _begins_block(line: str) -> bool:
    stripped = line.strip()
    opens = stripped.startswith(("```", "~~~", "\\[", "$$")) or is_row(line)
    opens = opens or _begins_centred(line)
    return not stripped or opens or HEADING.fullmatch(line) is not None or LIST_MARKER.match(line) is not None


def _single_block(label: BlockLabel, text: str, *, level: int | None = None) -> ParsedAnswer:
    """Return an answer of one block, or of none for an empty text."""
    return ParsedAnswer((Block(label=label, text=text, level=level),) if text else ())
