"""Divide a page into its margins and the paragraphs and tables of its body, in reading order.

Lengths are in pixels of the picture.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.parsing.layout.grids import Grid, split_grid
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.page_margins import PageMargins, split_margins
from ocr_mcp.parsing.layout.paragraphs import Paragraph, build_paragraphs
from ocr_mcp.parsing.layout.reading_order import Flow, find_flows
from ocr_mcp.parsing.layout.ruled_grids import build_ruled_grid
from ocr_mcp.parsing.layout.rules import find_frames

MIN_FULL_RULE_WIDTH_RATIO = 0.9
"""Width, as a part of the printed width of the page, from which a flat rule goes all across."""

NUMBER_AT_ROW_END = re.compile(r"^\W{0,3}\d{1,4}\b|\b(?:\d{1,4}|[ivxlc]{1,5})\W{0,3}$")
"""A page number at the beginning or the end of a row, beside other words or alone."""

MAX_SMALL_TYPE_RATIO = 0.88
"""Line height under which type is smaller than the body's, as a part of the body's line height."""

BOX_HEIGHT_SLACK_RATIO = 1.12
"""Factor by which the box of a line may be higher than the usual box of the same type."""

GridsByPlaceholder = Mapping[PageLine, Grid]
"""Tables of ruled frames, by the empty line that holds their place while the order of the page is found."""


@dataclass(frozen=True)
class PageParts:
    """The parts of the body in reading order, and the rows of lines above and below it."""

    headers: tuple[tuple[PageLine, ...], ...]
    body: tuple[Paragraph | Grid, ...]
    footers: tuple[tuple[PageLine, ...], ...]


def find_page_parts(
    lines: Sequence[PageLine],
    rules: Sequence[BoundingBox],
    line_height: float,
    body_weight: float | None,
    size: Size | None = None,
) -> PageParts:
    """Put every line of a page into one part.

    `line_height` (in pixels) and `body_weight` are those of the body. `size` is the size of a whole page in pixels;
    with None, which stands for a part of a page, no margins are looked for.
    """
    placeholders: dict[PageLine, Grid] = {}
    rest = list(lines)
    for frame in find_frames(rules, rest, line_height):
        grid = build_ruled_grid(frame, [line for line in rest if frame.holds(line)])
        if grid is not None:
            # A table takes part in the reading order as one line of the size of its frame.
            placeholders[PageLine("", frame.box)] = grid
            rest = [line for line in rest if not frame.holds(line)]
    margins = _find_margins([*rest, *placeholders], line_height, size)
    found = (flow for section in _split_sections(margins.body, rules) for flow in find_flows(section, line_height))
    parts = tuple(part for flow in found for part in _build_parts(flow, placeholders, line_height, body_weight))
    return PageParts(margins.headers, parts, margins.footers)


def _find_margins(lines: Sequence[PageLine], line_height: float, size: Size | None) -> PageMargins[PageLine]:
    """Return the rows at the page's edges that are set apart from the body and look like margins.

    Looking for a number or small type as well is needed because a picture may be cut so that its text begins at the
    edge.
    """
    if size is None:
        return PageMargins((), tuple(lines), ())
    # Boxes are higher than the type in them, by differing amounts, so the body counts as larger than measured.
    found = split_margins(lines, size, BOX_HEIGHT_SLACK_RATIO * line_height, lambda line: line.box.height)
    headers, footers = (rows if _look_marginal(rows, line_height) else () for rows in (found.headers, found.footers))
    taken = {id(line) for row in (*headers, *footers) for line in row}
    return PageMargins(headers, tuple(line for line in lines if id(line) not in taken), footers)


def _look_marginal(rows: Sequence[Sequence[PageLine]], line_height: float) -> bool:
    """Tell whether any row begins or ends with a number, or all rows are in smaller type than the body."""
    numbered = any(NUMBER_AT_ROW_END.search(" ".join(line.text for line in row)) for row in rows)
    return numbered or all(line.box.height < MAX_SMALL_TYPE_RATIO * line_height for row in rows for line in row)


def _split_sections(lines: Sequence[PageLine], rules: Sequence[BoundingBox]) -> list[list[PageLine]]:
    """Return the lines above, between and below the rules that go all across the page, as under a letterhead."""
    if not lines:
        return []
    extent = reduce(BoundingBox.union, (line.box for line in lines))
    across = [
        rule for rule in rules if rule.width >= MIN_FULL_RULE_WIDTH_RATIO * extent.width and not _cuts_any(rule, lines)
    ]
    sections: list[list[PageLine]] = [[] for _ in range(len(across) + 1)]
    for line in lines:
        sections[sum(rule.top < line.middle for rule in across)].append(line)
    return [section for section in sections if section]


def _cuts_any(rule: BoundingBox, lines: Sequence[PageLine]) -> bool:
    """Tell whether a rule goes through the core of a line, so that it underlines or strikes out words."""
    middle = (rule.top + rule.bottom) / 2
    return any(line.core[0] < middle < line.core[1] for line in lines)


def _build_parts(
    flow: Flow, placeholders: GridsByPlaceholder, line_height: float, body_weight: float | None
) -> Iterator[Paragraph | Grid]:
    """Yield the parts of one flow, with tables in the place of their placeholders."""
    for is_table, group in groupby(flow.lines, key=lambda line: line in placeholders):
        lines = tuple(group)
        if is_table:
            yield from (placeholders[line] for line in lines)
        else:
            yield from _build_unruled_parts(Flow(lines, flow.gutters), line_height, body_weight)


def _build_unruled_parts(flow: Flow, line_height: float, body_weight: float | None) -> Iterator[Paragraph | Grid]:
    """Yield the paragraphs of a flow, or its table and paragraphs where it is made of cells.

    Cells that form no table come out as paragraphs, one line for each row.
    """
    if not flow.gutters:
        yield from build_paragraphs(flow.lines, line_height, body_weight)
        return
    for part in split_grid(flow):
        if isinstance(part, Grid):
            yield part
        else:
            yield from build_paragraphs(part, line_height, body_weight)
