"""Decode the JSON of the embedded engine: lines with pixel boxes, their bullets, and ruling lines."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import BaseModel, ConfigDict, ValidationError

from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, ordered_box
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.parsed import Issues, excerpt, issue

Corners = tuple[float, float, float, float]
"""Two opposite corners of a box in pixels, as x1, y1, x2, y2 in either order."""


class _WrittenLine(BaseModel):
    """A line as the engine wrote it; `bullet` is the box of a bullet to its left that no text detector finds."""

    model_config = ConfigDict(allow_inf_nan=False)

    text: str
    box: Corners
    confidence: float | None = None
    weight: float | None = None
    bullet: Corners | None = None


class _WrittenRule(BaseModel):
    """A ruling line as the engine wrote it."""

    model_config = ConfigDict(allow_inf_nan=False)

    box: Corners


@dataclass(frozen=True)
class RecognizedPage:
    """The lines and ruling lines that were found in a picture, in its pixels."""

    lines: tuple[PageLine, ...]
    rules: tuple[BoundingBox, ...] = ()


def decode_recognized(text: str) -> tuple[RecognizedPage, Issues]:
    """Decode the answer of the engine.

    An answer that is not such JSON gives an empty page and an issue; a line that cannot be read is left out, with an
    issue that quotes it.
    """
    answer = _decode_object(text)
    written = answer.get("lines") if answer else None
    if answer is None or not isinstance(written, list):
        said = issue(IssueCode.UNREAD_MARKUP, f"The engine's lines cannot be read: {excerpt(text)}")
        return RecognizedPage(()), (said,)
    read, unread = _validate_lines(cast("list[object]", written))
    lines = [_build_line(line) for line in _drop_lone_bullets(read) if line.text.strip()]
    issues = tuple(
        issue(IssueCode.BAD_BOX, f"One of the engine's lines cannot be read: {excerpt(said)}") for said in unread
    )
    return RecognizedPage(tuple(lines), _decode_rules(answer.get("rules"))), issues


def _decode_object(text: str) -> dict[str, object] | None:
    """Decode a JSON object; None for everything else."""
    try:
        answer: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", answer) if isinstance(answer, dict) else None


def _validate_lines(written: Sequence[object]) -> tuple[list[_WrittenLine], list[str]]:
    """Return the lines that can be read, and the text of those that cannot."""
    read: list[_WrittenLine] = []
    unread: list[str] = []
    for item in written:
        try:
            read.append(_WrittenLine.model_validate(item))
        except ValidationError:
            unread.append(str(item))
    return read, unread


def _build_line(written: _WrittenLine) -> PageLine:
    """Return a line with its bullet, if it has one, as part of its text and its box."""
    text, box = written.text.strip(), ordered_box(*written.box)
    if written.bullet is not None:
        text, box = f"• {text}", box.union(ordered_box(*written.bullet))
    return PageLine(text, box, written.confidence, written.weight)


def _drop_lone_bullets(lines: Sequence[_WrittenLine]) -> list[_WrittenLine]:
    """Return the lines without the bullets that stand above or below no other: those are specks, not lists."""
    return [line if _has_aligned_bullet(line, lines) else line.model_copy(update={"bullet": None}) for line in lines]


def _has_aligned_bullet(line: _WrittenLine, lines: Iterable[_WrittenLine]) -> bool:
    """Tell whether a line has a bullet, and another line has one within half a line height of its left edge."""
    if line.bullet is None:
        return False
    left, reach = line.bullet[0], 0.5 * (line.box[3] - line.box[1])
    bullets = [other.bullet for other in lines if other is not line and other.bullet is not None]
    return any(abs(bullet[0] - left) < reach for bullet in bullets)


def _decode_rules(written: object) -> tuple[BoundingBox, ...]:
    """Decode the ruling lines. They only help, so one that cannot be read is left out without an issue."""
    rules: list[BoundingBox] = []
    for item in cast("list[object]", written) if isinstance(written, list) else []:
        try:
            rules.append(ordered_box(*_WrittenRule.model_validate({"box": item}).box))
        except ValidationError:
            continue
    return tuple(rules)
