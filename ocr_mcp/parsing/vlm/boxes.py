"""Answers to a prompt that asks where a thing is: boxes, and sometimes the name of the thing beside them."""

import re

from ocr_mcp.families.base import AnswerSyntax
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.parsed import Issues, ParsedAnswer, issue
from ocr_mcp.parsing.vlm.placing import Corners, place_all, read_corners
from ocr_mcp.parsing.vlm.tags import tag_patterns

_LIST = re.compile(r"\[[\[\]\d\s,.+-]*+")


def parse_boxes(text: str, image: PageView, syntax: AnswerSyntax) -> ParsedAnswer:
    """Return one TEXT block: its boxes enclose the thing, its text is all else that the model wrote, mostly a name."""
    bare = tag_patterns(syntax.tags, syntax.end_token).tag.sub(" ", text)
    written = " ".join(_LIST.findall(bare))
    boxes, issues = place_all(written, image, scale=syntax.box_scale) if written else ((), ())
    said = " ".join(_LIST.sub(" ", bare).split())
    block = Block(label=BlockLabel.TEXT, text=said, boxes=boxes)
    return ParsedAnswer((block,) if boxes or said else (), (*issues, *_doubts(written, syntax.box_scale)))


def _doubts(written: str, scale: int) -> Issues:
    whole: Corners = (0, 0, scale, scale)
    corners, _ = read_corners(written)
    if not corners:
        return (issue(IssueCode.NOT_FOUND, "The model gave no box for what was asked for."),)
    if set(corners) == {whole}:
        message = "The box is the whole picture, which usually means that the model gave up finding it."
        return (issue(IssueCode.NOT_FOUND, message),)
    return ()
