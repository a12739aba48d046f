"""The answer of the embedded engine: lines with pixel boxes, and the rules and bullets that stand beside them."""

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


class _WrittenLine(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    text: str
    box: Corners
    confidence: float | None = None
    weight: float | None = None
    bullet: Corners | None = None


class _WrittenRule(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    box: Corners


@dataclass(frozen=True)
class RecognizedPage:
    """What was found on a picture, in its pixels."""

    lines: tuple[PageLine, ...]
    rules: tuple[BoundingBox, ...] = ()


def decode_recognized(text: str) -> tuple[RecognizedPage, Issues]:
    """The page that the JSON describes. A line that cannot be read is reported, with what it says."""
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
    try:
        answer: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", answer) if isinstance(answer, dict) else None


def _validate_lines(written: Sequence[object]) -> tuple[list[_WrittenLine], list[str]]:
    read: list[_WrittenLine] = []
    unread: list[str] = []
    for item in written:
        try:
            read.append(_WrittenLine.model_validate(item))
        except ValidationError:
            unread.append(str(item))
    return read, unread


def _build_line(written: _WrittenLine) -> PageLine:
    text, box = written.text.strip(), ordered_box(*written.box)
    if written.bullet is not None:
        text, box = f"• {text}", box.union(ordered_box(*written.bullet))
    return PageLine(text, box, written.confidence, written.weight)


def _drop_lone_bullets(lines: Sequence[_WrittenLine]) -> list[_WrittenLine]:
    """The lines without the bullets that no other stands above or below: those are specks."""
    return [line if _has_aligned_bullet(line, lines) else line.model_copy(update={"bullet": None}) for line in lines]


def _has_aligned_bullet(line: _WrittenLine, lines: Iterable[_WrittenLine]) -> bool:
    if line.bullet is None:
        return False
    left, reach = line.bullet[0], 0.5 * (line.box[3] - line.box[1])
    bullets = [other.bullet for other in lines if other is not line and other.bullet is not None]
    return any(abs(bullet[0] - left) < reach for bullet in bullets)


def _decode_rules(written: object) -> tuple[BoundingBox, ...]:
    """The ruling lines. They only help, so one that cannot be read is left out."""
    rules: list[BoundingBox] = []
    for item in cast("list[object]", written) if isinstance(written, list) else []:
        try:
            rules.append(ordered_box(*_WrittenRule.model_validate({"box": item}).box))
        except ValidationError:
            continue
    return tuple(rules)
