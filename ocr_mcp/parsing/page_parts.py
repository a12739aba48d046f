"""The paragraphs and tables of a page in reading order, from its lines and rules."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import groupby

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.parsing.grids import Grid, grid_parts
from ocr_mcp.parsing.page_lines import Line
from ocr_mcp.parsing.paragraphs import Paragraph, paragraphs
from ocr_mcp.parsing.reading_order import Flow, flows
from ocr_mcp.parsing.ruled_grids import ruled_grid
from ocr_mcp.parsing.rules import frames

ACROSS = 0.9
"""Of the width of what is printed on the page."""

StandIns = Mapping[Line, Grid]
"""Tables by the line that holds their place while the order of the page is found."""


def page_parts(
    lines: Sequence[Line], rules: Sequence[BoundingBox], height: float, weight: float | None
) -> Iterator[Paragraph | Grid]:
    """Every line in one part. `height` and `weight` are those of the page's lines."""
    stand_ins: dict[Line, Grid] = {}
    rest = list(lines)
    for frame in frames(rules, rest, height):
        grid = ruled_grid(frame, [line for line in rest if frame.holds(line)])
        if grid is not None:
            stand_ins[Line("", frame.box)] = grid
            rest = [line for line in rest if not frame.holds(line)]
    for section in _sections([*rest, *stand_ins], rules):
        for flow in flows(section, height):
            yield from _parts(flow, stand_ins, height, weight)


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
