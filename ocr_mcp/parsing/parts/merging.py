"""Parse the answers to overlapping parts of a page as one answer for the page, without doubled lines."""

from collections.abc import Sequence
from functools import reduce

from ocr_mcp.model.geometry import BoundingBox, Size
from ocr_mcp.model.images import PageView
from ocr_mcp.model.predictions import Prediction, ResponseFormat
from ocr_mcp.model.turned_blocks import turned_block
from ocr_mcp.parsing.answers import emptiness, parse_upright, stop_issues
from ocr_mcp.parsing.layout.recognized import parse_recognized_page
from ocr_mcp.parsing.layout.recognized_lines import RecognizedPage, decode_recognized
from ocr_mcp.parsing.parsed import Issues, ParsedAnswer
from ocr_mcp.parsing.parts.merged_blocks import merge_blocks
from ocr_mcp.parsing.parts.merged_lines import PartLines, merge_lines

PartAnswer = tuple[Prediction, PageView]
"""An answer, and the part of the page that it is about; all parts of a page are turned alike."""


def parse_parts(parts: Sequence[PartAnswer]) -> ParsedAnswer:
    """Return the blocks of all parts, each line once, and the issues of all. Boxes are on the page as displayed.

    `parts` holds at least one part, and goes row by row. The embedded engine's lines are merged before they are laid
    out; other answers are merged block by block.
    """
    upright = [(prediction, view.upright()) for prediction, view in parts]
    lines = [prediction.format is ResponseFormat.RECOGNIZED_LINES for prediction, _ in parts]
    parsed = _parse_line_parts(upright) if all(lines) else _parse_block_parts(upright)
    back, size = parts[0][1].turn.back, upright[0][1].page_size
    blocks = tuple(turned_block(block, size, back) for block in parsed.blocks)
    stops = tuple(found for prediction, _ in parts for found in stop_issues(prediction))
    return ParsedAnswer(blocks, tuple(dict.fromkeys((*stops, *parsed.issues, *emptiness(parts[0][0], parsed)))))


def _parse_block_parts(parts: Sequence[PartAnswer]) -> ParsedAnswer:
    """Parse each answer by itself and merge the blocks of each part into those of the parts before it."""
    answers = [parse_upright(prediction, view) for prediction, view in parts]
    blocks = reduce(merge_blocks, (answer.blocks for answer in answers))
    return ParsedAnswer(tuple(blocks), tuple(found for answer in answers for found in answer.issues))


def _parse_line_parts(parts: Sequence[PartAnswer]) -> ParsedAnswer:
    """Merge the lines of all parts, then put them in order, so that columns run on from part to part."""
    read = [decode_recognized(prediction.text) for prediction, _ in parts]
    # Parts may differ in scale, and the finest one sets that of the page.
    scale = max(view.width_px / view.region.width for _, view in parts)
    page_lines = [_place_on_page(page, view, scale) for (page, _), (_, view) in zip(read, parts, strict=True)]
    issues: Issues = tuple(issue for _, issues_of_part in read for issue in issues_of_part)
    parsed = parse_recognized_page(merge_lines(page_lines), _view_whole_page(parts[0][1], scale))
    return ParsedAnswer(parsed.blocks, (*issues, *parsed.issues))


def _place_on_page(page: RecognizedPage, view: PageView, scale: float) -> PartLines:
    """Return the lines of a part in pixels of the whole page, of which there are `scale` to a page unit."""
    return PartLines(page, view.region, (view.width_px, view.height_px)).scale_to_page(scale)


def _view_whole_page(view: PageView, scale: float) -> PageView:
    """Return the view that a picture of the whole page would have, at `scale` pixels to a page unit."""
    size: Size = view.page_size
    region = BoundingBox(left=0, top=0, right=size.width, bottom=size.height)
    pixels = {"width_px": round(size.width * scale), "height_px": round(size.height * scale)}
    return view.model_copy(update={"region": region, **pixels})
