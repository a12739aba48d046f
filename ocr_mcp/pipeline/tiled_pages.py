"""Reads a page in parts that is too large for an engine to see its print; each part has an answer of its own."""

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
from ocr_mcp.pipeline.answers import PageAnswer, PartAnswer, join_predictions
from ocr_mcp.pipeline.cutting import OVERLAP_RATIO, cut_page
from ocr_mcp.pipeline.predictor import Predictor
from ocr_mcp.pipeline.question import Question
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.sources.raster import find_turned_target_size

TILED_TASKS = (Task.MARKDOWN, Task.TEXT, Task.LINES)
"""Tasks whose answers for the parts of a page make its answer."""
MIN_SLIDE_WIDTH_RATIO = 1.3
"""Width of a page, in heights, above which it may be a slide."""
SLIDE_DPI_RATIO = 0.6
"""Resolution that is enough for a slide, as a part of that for other pages."""
MAX_CUTS_PER_SIDE = 4
"""Columns, and rows, into which a page is cut at most."""


async def read_whole_or_in_parts(
    predictor: Predictor, engine: Engine, source: OpenSource, number: int, question: Question
) -> PageAnswer:
    """Ask for a page, or for its parts where it is too large.

    A part that failed is an issue of the page. Raises the `OcrError` of the first part where all failed.
    """
    profile = await predictor.profile(engine)
    info = await source.page_info(number)
    area = question.region.clamped(info.size) if question.region else whole_page(info.size)
    if question.task not in TILED_TASKS or not _is_too_coarse(profile, info, area):
        return await predictor.predict(engine, source, number, question)
    view = await predictor.view(engine, source, number, question)
    regions = await cut_page(source, number, area, view.turn, _choose_grid(profile, info, area, view.turn))
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
        prediction=join_predictions([answer.prediction for answer in read_parts]),
        issues=(
            _note_parts(profile, info, area, len(regions)),
            *_note_missing(errors, len(regions)),
            *_collect_issues(read_parts),
        ),
        parts=tuple(part for answer in read_parts for part in _split_halves(answer)),
    )


def _split_halves(answer: PageAnswer) -> tuple[PartAnswer, ...]:
    """Return the parts of an answer: a part that was read in halves is two parts."""
    return answer.parts or (PartAnswer(view=answer.view, prediction=answer.prediction),)


def _collect_issues(answers: list[PageAnswer]) -> tuple[PageIssue, ...]:
    return tuple(dict.fromkeys(issue for answer in answers for issue in answer.issues))


def _note_parts(profile: ModelFamily, info: PageInfo, area: BoundingBox, count: int) -> PageIssue:
    dpi = _seen_dpi(profile, info, area, Turn.NONE)
    message = f"The page is so large that its print would be seen at {dpi:.0f} dpi; it was read in {count} parts."
    return PageIssue(code=IssueCode.IN_PARTS, message=message)


def _note_missing(errors: dict[int, OcrError], count: int) -> tuple[PageIssue, ...]:
    return tuple(
        PageIssue(
            code=IssueCode.PART_MISSING, message=f"Part {index + 1} of {count} could not be read: {error.message}"
        )
        for index, error in sorted(errors.items())
    )


def _is_too_coarse(profile: ModelFamily, info: PageInfo, area: BoundingBox) -> bool:
    return info.units_per_inch is not None and _seen_dpi(profile, info, area, Turn.NONE) < _needed_dpi(profile, area)


def _needed_dpi(profile: ModelFamily, area: BoundingBox) -> float:
    """Return the resolution that the print needs. Slides are as large as a newspaper's pages, but in large type."""
    return profile.least_dpi * (SLIDE_DPI_RATIO if area.width > MIN_SLIDE_WIDTH_RATIO * area.height else 1)


def _choose_grid(profile: ModelFamily, info: PageInfo, area: BoundingBox, turn: Turn) -> tuple[int, int]:
    """Return the fewest columns and rows of the turned page whose parts the engine sees well.

    Of several grids with as few parts, the one with the squarest parts is taken.
    """
    upright = turned_box(area, info.size, turn)
    grids = [(columns, rows) for columns in range(1, MAX_CUTS_PER_SIDE + 1) for rows in range(1, MAX_CUTS_PER_SIDE + 1)]

    def cost(grid: tuple[int, int]) -> tuple[bool, int, float]:
        width, height = upright.width / grid[0], upright.height / grid[1]
        part = _first_part(area, turn, grid)
        is_coarse = _seen_dpi(profile, info, part, turn) < profile.least_dpi
        return is_coarse, grid[0] * grid[1], max(width / height, height / width)

    return min(grids[1:], key=cost)


def _first_part(area: BoundingBox, turn: Turn, grid: tuple[int, int]) -> BoundingBox:
    """Return a box of the size of one part with its overlaps."""
    columns, rows = reversed(grid) if turn.is_sideways else grid
    width = area.width * min(1.0, 1 / columns + 2 * OVERLAP_RATIO * (columns > 1))
    height = area.height * min(1.0, 1 / rows + 2 * OVERLAP_RATIO * (rows > 1))
    return BoundingBox(left=area.left, top=area.top, right=area.left + width, bottom=area.top + height)


def _seen_dpi(profile: ModelFamily, info: PageInfo, area: BoundingBox, turn: Turn) -> float:
    """Return the dots per inch in which the engine sees the area, across or down, whichever are fewer."""
    width_px, height_px = find_turned_target_size(info, profile.raster, area, turn)
    width, height = (area.height, area.width) if turn.is_sideways else (area.width, area.height)
    seen = min(1.0, (profile.seen_edge_px or max(width_px, height_px)) / max(width_px, height_px))
    return (info.units_per_inch or 0.0) * seen * min(width_px / width, height_px / height)
