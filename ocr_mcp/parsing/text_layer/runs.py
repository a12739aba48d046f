"""Split the lines of a text layer into tables and other text, and prepare list items and code.

Lengths are in page units.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ocr_mcp.model.text_layers import TextLine
from ocr_mcp.parsing.layout.grids import MIN_TABLE_ROWS, Grid, split_grid
from ocr_mcp.parsing.layout.page_lines import LONE_LIST_MARKER, PageLine
from ocr_mcp.parsing.layout.reading_order import Flow
from ocr_mcp.parsing.text_layer.accents import compose_accents

TextLines = tuple[TextLine, ...]

MIN_TABLE_LINES_RATIO = 0.9
"""Part of a run's lines that its table must hold."""

_UNMAPPED_BULLET = re.compile(r"^\s*[\ufffd\uf000-\uf0ff]{1,3}\s*(?=[^\W\d_]|$)")
"""A bullet that a symbol font draws with a character without meaning elsewhere; Word writes U+F0B7. Before digits such
a character is a minus as often, so it stays."""


@dataclass(frozen=True)
class TableRun:
    """Lines that form a table, in the order drawn, and the table."""

    lines: TextLines
    grid: Grid


def join_drawn_markers(lines: Sequence[TextLine]) -> list[TextLine]:
    """Join bullets and item numbers that are drawn apart to the text that they mark.

    Accents and bullets that fonts draw with characters of their own are replaced by plain ones.
    """
    result: list[TextLine] = []
    for line in map(_replace_drawn_characters, lines):
        marker = result[-1] if result else None
        if marker is not None and LONE_LIST_MARKER.fullmatch(marker.text.strip()) and _stands_right_of(marker, line):
            joined = f"{marker.text.strip()} {line.text.strip()}"
            result[-1] = line.model_copy(update={"text": joined, "box": marker.box.union(line.box)})
        else:
            result.append(line)
    return result


def split_table_runs(lines: Sequence[TextLine]) -> Iterator[TableRun | TextLines]:
    """Yield the runs of rows that are tables, and the lines between them, in the order drawn."""
    text: list[TextLine] = []
    for rows in _split_runs(group_drawn_rows(lines)):
        for part in _split_run(rows):
            if not isinstance(part, TableRun):
                text += part
                continue
            if text:
                yield tuple(text)
            text = []
            yield part
    if text:
        yield tuple(text)


def render_code(lines: TextLines) -> str:
    """Return lines of code with their indents as spaces.

    The width of a space is the mean width of a character in the line where that is largest.
    """
    width = max(line.box.width / max(1, len(line.text)) for line in lines) or 1.0
    left = min(line.box.left for line in lines)
    rows = (list(row) for row in group_drawn_rows(lines))
    return "\n".join(" " * round((row[0].box.left - left) / width) + _join_row(row) for row in rows)


def _join_row(row: Sequence[TextLine]) -> str:
    """Return the texts of a row with a space between them."""
    return " ".join(line.text.strip() for line in row)


def _replace_drawn_characters(line: TextLine) -> TextLine:
    """Return a line with bullets and accents that a font draws with characters of their own as plain ones."""
    text = _UNMAPPED_BULLET.sub("• ", line.text)
    text = compose_accents(text)
    return line if text == line.text else line.model_copy(update={"text": text})


def _middle(line: TextLine) -> float:
    """Return the vertical centre of a line."""
    return (line.box.top + line.box.bottom) / 2


def _stands_right_of(line: TextLine, following: TextLine) -> bool:
    """Tell whether the following line stands to the right of a line, level with it."""
    height = min(line.box.height, following.box.height)
    level = abs(_middle(line) - _middle(following)) < 0.5 * height
    return level and following.box.left >= line.box.right - 0.3 * height


def group_drawn_rows(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Group lines that are drawn one after the other and stand side by side into rows."""
    rows: list[list[TextLine]] = []
    for line in lines:
        if rows and _stands_right_of(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _split_runs(rows: list[list[TextLine]]) -> Iterator[list[list[TextLine]]]:
    """Yield runs of rows with several cells, and the runs of other rows between them.

    A single row between two rows of several cells belongs to their run.
    """
    wide = [len(row) > 1 for row in rows]
    inside = [
        here or (0 < index < len(rows) - 1 and wide[index - 1] and wide[index + 1]) for index, here in enumerate(wide)
    ]
    for _, group in groupby(range(len(rows)), key=lambda index: inside[index]):
        yield [rows[index] for index in group]


def _split_run(rows: list[list[TextLine]]) -> Iterator[TableRun | TextLines]:
    """Yield the table that rows form and the lines directly above and below it, or all lines where they form none."""
    run = tuple(line for row in rows for line in row)
    if sum(len(row) > 1 for row in rows) < MIN_TABLE_ROWS:
        yield run
        return
    yield from _find_table(run)


def _find_table(run: TextLines) -> Iterator[TableRun | TextLines]:
    """Yield the table of a run and the lines around it; all lines unless one table holds nine tenths of them."""
    cells = [PageLine(line.text.strip(), line.box) for line in run]
    parts = list(split_grid(Flow(tuple(cells))))
    grids = [part for part in parts if isinstance(part, Grid)]
    if len(grids) != 1 or len(grids[0].lines) < MIN_TABLE_LINES_RATIO * len(run):
        yield run
        return
    # Tables are found by place, but the lines of a part stay in the order drawn.
    drawn = {id(cell): index for index, cell in enumerate(cells)}
    for part in parts:
        lines = part.lines if isinstance(part, Grid) else part
        own = tuple(run[index] for index in sorted(drawn[id(cell)] for cell in lines))
        yield TableRun(own, part) if isinstance(part, Grid) else own
