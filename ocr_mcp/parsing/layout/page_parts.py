"""The paragraphs and tables of a page in reading order, from its lines and rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.parsing.layout.grids import Grid, grid_parts
from ocr_mcp.parsing.layout.page_lines import Line
from ocr_mcp.parsing.layout.page_margins import PageMargins, without_margins
from ocr_mcp.parsing.layout.paragraphs import Paragraph, paragraphs
from ocr_mcp.parsing.layout.reading_order import Flow, flows
from ocr_mcp.parsing.layout.ruled_grids import ruled_grid
from ocr_mcp.parsing.layout.rules import frames

ACROSS = 0.9
"""Of the width of what is printed on the page."""

ENDS_IN_NUMBER = re.compile(r"^\W{0,3}\d{1,4}\b|\b(?:\d{1,4}|[ivxlc]{1,5})\W{0,3}$")
"""A page number, beside other words or alone."""

SMALLER = 0.88
"""Of the body's line height."""

BOX_SLACK = 1.12
"""How much higher than the usual box that of a line of the same type may be."""

StandIns = Mapping[Line, Grid]
"""Tables by the line that holds their place while the order of the page is found."""


@dataclass(frozen=True)
class PageParts:
    """The parts of a page in reading order, and the rows of lines above and below them."""

    headers: tuple[tuple[Line, ...], ...]
    body: tuple[Paragraph | Grid, ...]
    footers: tuple[tuple[Line, ...], ...]


def page_parts(
    lines: Sequence[Line], rules: Sequence[BoundingBox], height: float, weight: float | None, size: Size | None = None
) -> PageParts:
    """Every line in one part. `height` and `weight` are those of the page's lines, `size` that of a whole page.

    What stands in the margins of a page is no part of its text.
    """
    stand_ins: dict[Line, Grid] = {}
    rest = list(lines)
    for frame in frames(rules, rest, height):
        grid = ruled_grid(frame, [line for line in rest if frame.holds(line)])
        if grid is not None:
            stand_ins[Line("", frame.box)] = grid
            rest = [line for line in rest if not frame.holds(line)]
    margins = _margins([*rest, *stand_ins], height, size)
    found = (flow for section in _sections(margins.body, rules) for flow in flows(section, height))
    parts = tuple(part for flow in found for part in _parts(flow, stand_ins, height, weight))
    return PageParts(margins.headers, parts, margins.footers)


def _margins(lines: Sequence[Line], height: float, size: Size | None) -> PageMargins[Line]:
    """What is set apart at the edges and looks like it; a picture may be cut so that its text begins at the edge.

    Boxes are higher than type and not all by the same, hence the larger body.
    """
    if size is None:
        return PageMargins((), tuple(lines), ())
    found = without_margins(lines, size, BOX_SLACK * height, lambda line: line.box.height)
    headers, footers = (rows if _are_marginal(rows, height) else () for rows in (found.headers, found.footers))
    taken = {id(line) for row in (*headers, *footers) for line in row}
    return PageMargins(headers, tuple(line for line in lines if id(line) not in taken), footers)


def _are_marginal(rows: Sequence[Sequence[Line]], height: float) -> bool:
    """Whether a row begins or ends with a number, or all are in smaller type than the body."""
    numbered = any(ENDS_IN_NUMBER.search(" ".join(line.text for line in row)) for row in rows)
    return numbered or all(line.box.height < SMALLER * height for row in rows for line in row)


def _sections(lines: Sequence[Line], rules: Sequence[BoundingBox]) -> list[list[Line]]:
    """What stands above, between and below the rules that go all across the page, as under a letterhead."""
    if not lines:
        return []
    extent = reduce(BoundingBox.union, (line.box for line in lines))
    across = [rule for rule in rules if rule.width >= ACROSS * extent.width and not _cuts_any(rule, lines)]
    sections: list[list[Line]] = [[] for _ in range(len(across) + 1)]
    for line in lines:
        sections[sum(rule.top < line.middle for rule in across)].append(line)
    return [section for section in sections if section]


def _cuts_any(rule: BoundingBox, lines: Sequence[Line]) -> bool:
    middle = (rule.top + rule.bottom) / 2
    return any(line.core[0] < middle < line.core[1] for line in lines)


def _parts(flow: Flow, stand_ins: StandIns, height: float, weight: float | None) -> Iterator[Paragraph | Grid]:
    for is_table, group in groupby(flow.lines, key=lambda line: line in stand_ins):
        lines = tuple(group)
        if is_table:
            yield from (stand_ins[line] for line in lines)
        else:
            yield from _unruled_parts(Flow(lines, flow.gutters), height, weight)


def _unruled_parts(flow: Flow, height: float, weight: float | None) -> Iterator[Paragraph | Grid]:
    """What a flow holds. Cells that make no grid are put on one line a row."""
    if not flow.gutters:
        yield from paragraphs(flow.lines, height, weight)
        return
    for part in grid_parts(flow):
        if isinstance(part, Grid):
            yield part
        else:
            yield from paragraphs(part, height, weight)
