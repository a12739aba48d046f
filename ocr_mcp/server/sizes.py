"""Cuts answers that are larger than clients take well, where the rest can be asked for, and says so.

Answers over 10 MB take a client seconds, and its context holds far less (docs/security.md).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from ocr_mcp.app import FigureReading
from ocr_mcp.jobs.slices import Slice
from ocr_mcp.model.charts import ChartRecord
from ocr_mcp.server.results import ChartResult, OcrPageResult, OcrPdfResult

MAX_ANSWER_BYTES = 1_000_000
"""Size of a whole answer, which holds the result twice: as structured content, and as text for older clients."""

_ROOM_BYTES = 2_000
"""Room for the sentences that say what was cut, and for the message around the result."""

_MAX_MESSAGES = 50
_MAX_MESSAGE_CHARS = 500
_Cut = TypeVar("_Cut", tuple[ChartRecord, ...], tuple[tuple[str, ...], ...], str)


def answer_bytes(result: BaseModel) -> int:
    """Return the size of the answer that the SDK makes of a result."""
    json = to_json(result)
    return len(to_json(json.decode())) + len(json)


def fits(result: BaseModel) -> bool:
    """Return True if the answer is within the limit."""
    return answer_bytes(result) <= MAX_ANSWER_BYTES - _ROOM_BYTES


def fitting_page(read: OcrPageResult) -> OcrPageResult:
    """Return the page with as much of its text and its blocks as fits."""
    if fits(read):
        return read
    cut = read.model_copy(update={"issues": _few(read.issues), "warnings": _few(read.warnings)})
    while not fits(cut):
        blocks = cut.blocks or []
        if answer_bytes(cut) > 2 * answer_bytes(cut.model_copy(update={"blocks": None})):
            cut = cut.model_copy(update={"blocks": blocks[: len(blocks) // 2]})
        else:
            cut = cut.model_copy(update={"text": cut.text[: len(cut.text) // 2]})
    return cut.model_copy(update={"issues": [*cut.issues, *_cuts_of_page(read, cut)]})


def _cuts_of_page(read: OcrPageResult, cut: OcrPageResult) -> list[str]:
    issues: list[str] = []
    if len(cut.text) < len(read.text):
        issues.append(
            f"The text is too long for one result: these are the first {len(cut.text):,} of {len(read.text):,}"
            " characters. ocr_pdf gives all of it in parts."
        )
    if len(cut.blocks or ()) < len(read.blocks or ()):
        issues.append(
            f"There are too many blocks for one result: these are the first {len(cut.blocks or ()):,} of"
            f" {len(read.blocks or ()):,}. Ask for a region to get the others."
        )
    return issues


def fitting_figure(read: FigureReading) -> ChartResult:
    """Return the figure with as many of its records as fit."""
    whole = result = ChartResult.of(read)
    figure = read.figure
    while not fits(result):
        halves = {"records": _half(figure.records), "rows": _half(figure.rows), "text": _half(figure.text)}
        figure = figure.model_copy(update=halves)
        result = ChartResult.of(replace(read, figure=figure))
        result = result.model_copy(update={"issues": _few(result.issues), "warnings": _few(result.warnings)})
    if result is whole:
        return whole
    issue = (
        f"The figure is too large for one result: these are {len(result.records):,} of {len(whole.records):,} values."
    )
    return result.model_copy(update={"issues": [*result.issues, f"{issue} Ask for a region to get the others."]})


def fitting_slice(
    result_of: Callable[[Slice], OcrPdfResult], cut: Callable[[int], Slice], found: Slice
) -> OcrPdfResult:
    """Return the slice, or the longest that fits of those that `cut` makes, each of half as many characters."""
    result = result_of(found)
    while not fits(result) and len(found.text) > 1:
        found = cut(len(found.text) // 2)
        result = _with_few_notes(result_of(found))
    return result


def _with_few_notes(result: OcrPdfResult) -> OcrPdfResult:
    notes = [note.model_copy(update={"message": _short(note.message)}) for note in result.issues[:_MAX_MESSAGES]]
    return result.model_copy(update={"issues": notes, "warnings": _few(result.warnings)})


def _few(messages: Sequence[str]) -> list[str]:
    more = len(messages) - _MAX_MESSAGES
    shown = [_short(message) for message in messages[:_MAX_MESSAGES]]
    return [*shown, f"There are {more:,} more of these."] if more > 0 else shown


def _short(message: str) -> str:
    return message if len(message) <= _MAX_MESSAGE_CHARS else f"{message[:_MAX_MESSAGE_CHARS]}…"


def _half(items: _Cut) -> _Cut:
    return items[: len(items) // 2]
