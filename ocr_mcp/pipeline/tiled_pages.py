"""Pages that are too large for an engine to see their print are read in parts, each with an answer of its own."""

from dataclasses import replace

import anyio

from ocr_mcp.engines.base import Engine
from ocr_mcp.errors import OcrError
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.model.geometry import BoundingBox, whole_page
from ocr_mcp.model.images import PageInfo
from ocr_mcp.model.options import Rotate
from ocr_mcp.model.predictions import Task
from ocr_mcp.model.turning import Turn, turned_box
from ocr_mcp.pipeline.answers import PageAnswer, PartAnswer, together
from ocr_mcp.pipeline.cutting import OVERLAP, cut_page
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.question import Question
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.sources.raster import find_turned_target_size

TASKS = (Task.MARKDOWN, Task.TEXT, Task.LINES)
SLIDE, SLIDE_SHAPE = 0.6, 1.3
"""The limit for what may be a slide, and from which width, in heights, a page may be one."""
MOST = 4
"""Columns, and rows, in which a page is cut at most."""


async def read_whole_or_in_parts(
    predictor: Predictor, engine: Engine, source: OpenSource, number: int, question: Question
) -> PageAnswer:
    """The engine's answer to the page, or its answers to the parts of a page that is too large. Raises `OcrError`."""
    profile = await predictor.profile(engine)
    info = await source.page_info(number)
    area = question.region.clamped(info.size) if question.region else whole_page(info.size)
    if question.task not in TASKS or not _is_too_coarse(profile, info, area):
        return await predictor.predict(engine, source, number, question)
    view = await predictor.view(engine, source, number, question)
    regions = await cut_page(source, number, area, view.turn, _grid(profile, info, area, view.turn))
    rotate = Rotate(str(int(view.turn)))
    answers: dict[int, PageAnswer] = {}
    errors: dict[int, OcrError] = {}

    async def read(index: int, region: BoundingBox) -> None:
        part = replace(question, region=region, rotate=rotate)
        try:
            answers[index] = await predictor.predict(engine, source, number, part)
        except OcrError as error:
            errors[index] = error

    async with anyio.create_task_group() as tasks:
        for index, region in enumerate(regions):
            tasks.start_soon(read, index, region)
    if not answers:
        raise errors[0]
    read_parts = [answers[index] for index in sorted(answers)]
    return PageAnswer(
        view=view,
        prediction=together([answer.prediction for answer in read_parts]),
        issues=(_said(profile, info, area, len(regions)), *_missing(errors, len(regions)), *_issues(read_parts)),
        parts=tuple(part for answer in read_parts for part in _parts(answer)),
    )


def _parts(answer: PageAnswer) -> tuple[PartAnswer, ...]:
    """A part that was read in halves is two parts."""
    return answer.parts or (PartAnswer(view=answer.view, prediction=answer.prediction),)


def _issues(answers: list[PageAnswer]) -> tuple[PageIssue, ...]:
    return tuple(dict.fromkeys(issue for answer in answers for issue in answer.issues))


def _said(profile: ModelFamily, info: PageInfo, area: BoundingBox, count: int) -> PageIssue:
    dpi = _dpi(profile, info, area, Turn.NONE)
    message = f"The page is so large that its print would be seen at {dpi:.0f} dpi; it was read in {count} parts."
    return PageIssue(code=IssueCode.IN_PARTS, message=message)


def _missing(errors: dict[int, OcrError], count: int) -> tuple[PageIssue, ...]:
    return tuple(
        PageIssue(
            code=IssueCode.PART_MISSING, message=f"Part {index + 1} of {count} could not be read: {error.message}"
        )
        for index, error in sorted(errors.items())
    )


def _is_too_coarse(profile: ModelFamily, info: PageInfo, area: BoundingBox) -> bool:
    return info.units_per_inch is not None and _dpi(profile, info, area, Turn.NONE) < _least_dpi(profile, area)


def _least_dpi(profile: ModelFamily, area: BoundingBox) -> float:
    """Slides are drawn on pages as large as a newspaper's, in large type."""
    return profile.least_dpi * (SLIDE if area.width > SLIDE_SHAPE * area.height else 1)


def _grid(profile: ModelFamily, info: PageInfo, area: BoundingBox, turn: Turn) -> tuple[int, int]:
    """The fewest columns and rows of the turned page whose parts the engine sees well, the squarest if several."""
    upright = turned_box(area, info.size, turn)
    grids = [(columns, rows) for columns in range(1, MOST + 1) for rows in range(1, MOST + 1)]

    def cost(grid: tuple[int, int]) -> tuple[bool, int, float]:
        width, height = upright.width / grid[0], upright.height / grid[1]
        part = _first_part(area, turn, grid)
        is_coarse = _dpi(profile, info, part, turn) < profile.least_dpi
        return is_coarse, grid[0] * grid[1], max(width / height, height / width)

    return min(grids[1:], key=cost)


def _first_part(area: BoundingBox, turn: Turn, grid: tuple[int, int]) -> BoundingBox:
    """A box of the size of one part with its overlaps."""
    columns, rows = reversed(grid) if turn.is_sideways else grid
    width = area.width * min(1.0, 1 / columns + 2 * OVERLAP * (columns > 1))
    height = area.height * min(1.0, 1 / rows + 2 * OVERLAP * (rows > 1))
    return BoundingBox(left=area.left, top=area.top, right=area.left + width, bottom=area.top + height)


def _dpi(profile: ModelFamily, info: PageInfo, area: BoundingBox, turn: Turn) -> float:
    """Dots an inch in which the engine sees the area, across or down, whichever are fewer."""
    width_px, height_px = find_turned_target_size(info, profile.raster, area, turn)
    width, height = (area.height, area.width) if turn.is_sideways else (area.width, area.height)
    seen = min(1.0, (profile.seen_edge_px or max(width_px, height_px)) / max(width_px, height_px))
    return (info.units_per_inch or 0.0) * seen * min(width_px / width, height_px / height)
