"""A sheet of A4 that blocks of text are set on, and the Markdown of these blocks.

Positions are in points from the top left corner. The fonts are those that every PDF reader has.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pymupdf publishes incomplete types.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pymupdf

WIDTH, HEIGHT = 595.0, 842.0
LEFT, TOP, RIGHT, BOTTOM = 62.0, 70.0, 533.0, 780.0
LINE_HEIGHT = 1.35
"""Distance of two base lines, in font sizes."""

GUTTER_POINTS = 22.0
INK = (0.08, 0.08, 0.1)
_BOLD = {"tiro": "tibo", "helv": "hebo", "cour": "cobo"}


@dataclass(frozen=True, slots=True)
class Typeface:
    """A regular font by its PDF name and the size of running text in points."""

    regular: str = "tiro"
    size: float = 11.0

    @property
    def bold(self) -> str:
        """The name of its bold font."""
        return _BOLD[self.regular]


@dataclass(slots=True)
class Column:
    """A strip of a page that is filled from the top; `y` is where the next block begins."""

    page: pymupdf.Page
    type: Typeface
    left: float
    right: float
    y: float = TOP

    @property
    def width(self) -> float:
        """Width of the strip in points."""
        return self.right - self.left

    def line(self, text: str, *, x: float, size: float, font: str) -> None:
        """Write one line with its base line below `y`, without going on."""
        self.page.insert_text((x, self.y + size), text, fontsize=size, fontname=font, color=INK)

    def paragraph(self, text: str, *, size: float, font: str, indent: float = 0.0) -> None:
        """Write a text, broken between words; each of its own lines begins a line."""
        for own_line in text.split("\n"):
            for line in break_lines(own_line, self.width - indent, size=size, font=font):
                self.line(line, x=self.left + indent, size=size, font=font)
                self.y += LINE_HEIGHT * size

    def rule(self, y: float) -> None:
        """Draw a line across the strip."""
        self.page.draw_line((self.left, y), (self.right, y), color=INK, width=0.7)


def break_lines(text: str, width: float, *, size: float, font: str) -> Iterator[str]:
    """Yield the lines that fit the width."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and measure_width(longer, size=size, font=font) > width:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def measure_width(text: str, *, size: float, font: str) -> float:
    """Return the width of a line in points."""
    return float(pymupdf.get_text_length(text, fontname=font, fontsize=size))


class Block(Protocol):
    """A part of a page that can be drawn and is known as Markdown."""

    def draw(self, column: Column) -> None:
        """Draw the block at the column's `y`, and move `y` below it."""
        ...

    @property
    def markdown(self) -> str:
        """The true text of the block."""
        ...


@dataclass(frozen=True, slots=True)
class Heading:
    """A bold line; level 1 is the largest."""

    text: str
    level: int = 2

    def draw(self, column: Column) -> None:
        size = column.type.size * (1.9 if self.level == 1 else 1.3)
        column.y += 0.4 * size
        column.paragraph(self.text, size=size, font=column.type.bold)
        column.y += 0.3 * size

    @property
    def markdown(self) -> str:
        return f"{'#' * self.level} {self.text}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a line end in it is a line end on the page, as in an address."""

    text: str

    def draw(self, column: Column) -> None:
        column.paragraph(self.text, size=column.type.size, font=column.type.regular)
        column.y += 0.7 * column.type.size

    @property
    def markdown(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class NumberedList:
    """Items with their numbers from 1 on."""

    items: tuple[str, ...]

    def draw(self, column: Column) -> None:
        size, font = column.type.size, column.type.regular
        for number, item in enumerate(self.items, start=1):
            column.line(f"{number}.", x=column.left + 6, size=size, font=font)
            column.paragraph(item, size=size, font=font, indent=28)
            column.y += 0.25 * size
        column.y += 0.5 * size

    @property
    def markdown(self) -> str:
        return "\n".join(f"{number}. {item}" for number, item in enumerate(self.items, start=1))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first row a header in bold. The first column stands left, all others right."""

    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    """Parts of the width that the columns take; they add up to 1."""

    has_rules: bool = field(default=True)

    def draw(self, column: Column) -> None:
        size, height = column.type.size, 2.0 * column.type.size
        top = column.y
        for index, row in enumerate(self.rows):
            self._draw_row(column, row, column.type.regular if index else column.type.bold)
            column.y += height
        if self.has_rules:
            self._draw_rules(column, top, height)
        column.y += size

    def _draw_row(self, column: Column, row: Sequence[str], font: str) -> None:
        size, y = column.type.size, column.y
        column.y += 0.4 * size
        for index, cell in enumerate(row):
            right = self._edge(column, index + 1) - 6 - measure_width(cell, size=size, font=font)
            column.line(cell, x=right if index else column.left + 6, size=size, font=font)
        column.y = y

    def _draw_rules(self, column: Column, top: float, height: float) -> None:
        bottom = top + height * len(self.rows)
        for index in range(len(self.rows) + 1):
            column.rule(top + height * index)
        for index in range(len(self.shares) + 1):
            x = self._edge(column, index)
            column.page.draw_line((x, top), (x, bottom), color=INK, width=0.7)

    def _edge(self, column: Column, index: int) -> float:
        return column.left + column.width * sum(self.shares[:index])

    @property
    def markdown(self) -> str:
        header, *rows = [f"| {' | '.join(row)} |" for row in self.rows]
        return "\n".join([header, "|" + " --- |" * len(self.shares), *rows])


def draw_pdf(title: Sequence[Block], columns: Sequence[Sequence[Block]], typeface: Typeface) -> bytes:
    """Return a PDF of one page: blocks across the page, and below them the columns side by side."""
    with pymupdf.open() as document:
        page = document.new_page(width=WIDTH, height=HEIGHT)
        top = _filled(Column(page, typeface, LEFT, RIGHT), title)
        width = (RIGHT - LEFT - GUTTER_POINTS * (len(columns) - 1)) / len(columns)
        for index, blocks in enumerate(columns):
            left = LEFT + index * (width + GUTTER_POINTS)
            _filled(Column(page, typeface, left, left + width, top), blocks)
        return bytes(document.tobytes(garbage=3, no_new_id=True))


def _filled(column: Column, blocks: Sequence[Block]) -> float:
    for block in blocks:
        block.draw(column)
    if column.y > BOTTOM:
        raise ValueError(f"the blocks end {column.y - BOTTOM:.0f} points below the page's last line")
    return column.y


def join_markdown(title: Sequence[Block], columns: Sequence[Sequence[Block]]) -> str:
    """Return the true text of a page in its reading order."""
    blocks = [*title, *(block for column in columns for block in column)]
    return "\n\n".join(block.markdown for block in blocks) + "\n"
