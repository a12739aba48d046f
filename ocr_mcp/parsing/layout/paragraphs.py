"""Join the lines of one column to paragraphs, and keep the line breaks that the author meant.

Lengths are in pixels of the picture.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from statistics import median

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.layout.page_lines import PageLine, group_rows, measure_body_height
from ocr_mcp.parsing.parsed import joined_lines
from ocr_mcp.parsing.vlm.light_markdown import LIST_MARKER

SENTENCE_ENDS = (".", "!", "?", ":", "。", "！", "？", "：", ".”", '."', ".)")
"""Ends of a line after which a new paragraph may begin."""


MIN_BOLD_WEIGHT_RATIO = 1.25
"""Factor by which the strokes of a bold line are thicker than the body's."""

NUMBERED_HEADING = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+[^\W\d_]")
"""The number of a section of the second level or a deeper one; list items are not numbered like that."""

MAX_ADDRESS_CHARACTERS = 32
"""Lines of an address are shorter than this. Prose in a column as narrow has lines that begin with small letters."""

_LEADER_DOTS = re.compile(r"(?:[.…]\s?){4,}\s*[\divxlcIVXLC]{1,6}$")
"""Dots that lead to a page number: an entry of a table of contents ends there."""


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together, and their text; a newline in it is a meant line break."""

    lines: tuple[PageLine, ...]
    text: str

    @property
    def height(self) -> float:
        """The median height of a line in pixels, each line counted once per character."""
        return measure_body_height(self.lines)

    @property
    def character_width(self) -> float:
        """The mean width of a character cell in pixels."""
        return sum(line.box.width for line in self.lines) / sum(map(count_character_cells, self.lines))

    @property
    def weight(self) -> float | None:
        """The mean stroke weight as a part of the line height; None where that of any line was not measured."""
        return measure_mean_weight(self.lines)


def measure_mean_weight(lines: Sequence[PageLine]) -> float | None:
    """Return the mean stroke weight of lines, every character counted once; None where any was not measured."""
    weights = [(line.weight, count_character_cells(line)) for line in lines if line.weight is not None]
    if len(weights) < len(lines):
        return None
    return sum(weight * count for weight, count in weights) / sum(count for _, count in weights)


def measure_character_width(line: PageLine) -> float:
    """Return the mean width in pixels of a character cell; a Chinese or Japanese character takes two cells."""
    return line.box.width / count_character_cells(line)


def count_character_cells(line: PageLine) -> int:
    """Return the number of character cells in a line, at least 1.

    Characters above U+2E80, where the CJK blocks begin, take two cells.
    """
    return max(1, sum(2 if character > "\u2e80" else 1 for character in line.text))


def measure_body_character_width(lines: Sequence[PageLine]) -> float:
    """Return the median width in pixels of a character cell, of lines of 8 characters or more where there are any.

    Shorter lines are too few characters to measure by. Without lines the result is 1.
    """
    long = [measure_character_width(line) for line in lines if len(line.text) >= 8] or [
        measure_character_width(line) for line in lines
    ]
    return max(median(long), 1e-6) if long else 1.0


@dataclass(frozen=True)
class _PrintedRow:
    """One printed line, which a detector may have found as several lines side by side."""

    lines: tuple[PageLine, ...]
    text: str
    box: BoundingBox

    @property
    def middle(self) -> float:
        return (self.box.top + self.box.bottom) / 2

    @property
    def height(self) -> float:
        return median(line.box.height for line in self.lines)

    @property
    def weight(self) -> float | None:
        return measure_mean_weight(self.lines)


@dataclass(frozen=True)
class _ColumnMetrics:
    """Measures that the lines of a column share, in pixels.

    `left` and `right` are the edges of the column, `leading` the distance from middle to middle of its lines,
    `body_height` the line height and `weight` the stroke weight of the page's body, None if not measured.
    """

    left: float
    right: float
    leading: float
    body_height: float
    weight: float | None

    def is_bold(self, row: _PrintedRow) -> bool:
        """Tell whether the strokes of a row of 3 characters or more are clearly thicker than the body's."""
        return bool(
            self.weight and row.weight and row.weight >= MIN_BOLD_WEIGHT_RATIO * self.weight and len(row.text) >= 3
        )


def build_paragraphs(lines: Sequence[PageLine], body_height: float, weight: float | None = None) -> Iterator[Paragraph]:
    """Yield the paragraphs of a column from top to bottom.

    `body_height` (in pixels) and `weight` are those of the page's body.
    """
    yield from _split_rows([_build_row(row) for row in group_rows(lines)], body_height, weight)


def build_drawn_paragraphs(lines: Sequence[PageLine], body_height: float) -> Iterator[Paragraph]:
    """Yield the paragraphs of lines whose order is known, and keep that order.

    The parts of a formula are drawn in an order that their places do not show.
    """
    rows: list[list[PageLine]] = []
    for line in lines:
        if rows and _continues_row(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    yield from _split_rows([_build_row(row) for row in rows], body_height)


def _continues_row(last: PageLine, line: PageLine) -> bool:
    """Tell whether a line is level with the last one or at most 1.5 heights higher.

    The numerator above a fraction's bar stands higher than the text before it.
    """
    height = max(line.box.height, last.box.height)
    return -1.5 * height < line.middle - last.middle < 0.5 * height


def _split_rows(rows: Sequence[_PrintedRow], body_height: float, weight: float | None = None) -> Iterator[Paragraph]:
    """Yield one paragraph for each run of rows in which no row begins a new one."""
    if not rows:
        return
    column = _measure_column(rows, body_height, weight)
    start = 0
    for index in range(1, len(rows)):
        if _begins_paragraph(rows[start:index], rows[index], column):
            yield _build_paragraph(rows[start:index], column)
            start = index
    yield _build_paragraph(rows[start:], column)


def _build_row(lines: list[PageLine]) -> _PrintedRow:
    """Join lines side by side to one printed row."""
    box = reduce(BoundingBox.union, (line.box for line in lines))
    return _PrintedRow(tuple(lines), " ".join(line.text for line in lines), box)


def _measure_column(rows: Sequence[_PrintedRow], body_height: float, weight: float | None) -> _ColumnMetrics:
    """Measure the edges and the leading of a column."""
    steps = [b.middle - a.middle for a, b in itertools.pairwise(rows)]
    # Larger steps are gaps between paragraphs and would spoil the median. Without any step, 1.5 heights are usual
    # leading.
    close = [step for step in steps if 0 < step < 2.5 * body_height]
    return _ColumnMetrics(
        left=min(row.box.left for row in rows),
        right=max(row.box.right for row in rows),
        leading=median(close) if close else 1.5 * body_height,
        body_height=body_height,
        weight=weight,
    )


def _begins_paragraph(paragraph: Sequence[_PrintedRow], row: _PrintedRow, column: _ColumnMetrics) -> bool:
    """Tell whether a row begins a paragraph: by space, size, list marker, indent, or after a line that ended early."""
    last = paragraph[-1]
    size = row.height / last.height
    # Leading grows with the type: without this a large heading of two lines would fall apart.
    larger = max(1.0, min(row.height, last.height) / column.body_height)
    spaced = row.middle - last.middle > column.leading * larger + 0.45 * column.body_height
    if spaced or not 0.74 < size < 1.35 or _begins_item(row, last) or _LEADER_DOTS.search(last.text):
        return True
    if _ends_early(last, row, column) and (
        last.text.endswith(SENTENCE_ENDS) or _has_heading_break(paragraph, row, column)
    ):
        return True
    return _is_indented(paragraph, row, column)


def _has_heading_break(paragraph: Sequence[_PrintedRow], row: _PrintedRow, column: _ColumnMetrics) -> bool:
    """Tell whether type changes to or from bold between two rows, or the title of a numbered section stands above."""
    last = paragraph[-1]
    is_named = len(paragraph) == 1 and NUMBERED_HEADING.match(last.text) is not None
    return is_named or column.is_bold(last) != column.is_bold(row)


def _begins_item(row: _PrintedRow, last: _PrintedRow) -> bool:
    """Tell whether a row begins with a list marker that the row above does not use as a sign between its words."""
    return LIST_MARKER.match(row.text) is not None and f" {row.text[0]} " not in last.text


def _is_indented(paragraph: Sequence[_PrintedRow], row: _PrintedRow, column: _ColumnMetrics) -> bool:
    """Tell whether a row moves in as the first line of a paragraph does, or out of the list item above it.

    In a list item the lines after the first are moved in, so there moving out by 0.8 body heights ends it.
    """
    step = row.box.left - paragraph[-1].box.left
    if LIST_MARKER.match(paragraph[0].text):
        return len(paragraph) > 1 and step < -0.8 * column.body_height
    # A short line may be centred, so the next one's indent says nothing unless a sentence ends there. Over 5 heights it
    # is no indent but another column.
    full = paragraph[-1].box.right > column.right - 6 * column.body_height
    return 0.8 * column.body_height < step < 5 * column.body_height and (
        full or paragraph[-1].text.endswith(SENTENCE_ENDS)
    )


def _ends_early(last: _PrintedRow, row: _PrintedRow, column: _ColumnMetrics) -> bool:
    """Tell whether the first word of the next row would have fitted on the last one: then the line break was meant."""
    character = row.box.width / max(1, len(row.text))
    word = len(row.text.split(maxsplit=1)[0]) if row.text else 0
    return column.right - last.box.right > (word + 1) * character + 1.5 * column.body_height


def _build_paragraph(rows: Sequence[_PrintedRow], column: _ColumnMetrics) -> Paragraph:
    """Join rows to one text with the meant line breaks; breaks that only the column's width made are dropped."""
    runs: list[list[str]] = [[rows[0].text]]
    is_address = _is_address(rows)
    for last, row in itertools.pairwise(rows):
        if is_address or _ends_early(last, row, column):
            runs.append([])
        runs[-1].append(row.text)
    text = "\n".join(joined_lines(run) for run in runs)
    return Paragraph(tuple(line for row in rows for line in row.lines), text)


def _is_address(rows: Sequence[_PrintedRow]) -> bool:
    """Tell whether three or more short rows each begin with a capital or a digit, as names, streets and cities do."""
    return len(rows) > 2 and all(
        len(row.text) < MAX_ADDRESS_CHARACTERS and (row.text[0].isupper() or row.text[0].isdigit()) for row in rows
    )
