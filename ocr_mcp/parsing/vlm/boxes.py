"""Parses answers to `Locate <|ref|>…<|/ref|> in the image.`: boxes, sometimes with the thing's name beside them."""

import re

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.parsed import Issues, ParsedAnswer, issue
from ocr_mcp.parsing.vlm.placing import SCALE, Corners, place_all, read_corners

_LIST = re.compile(r"\[[\[\]\d\s,.+-]*+")
_TAGS = re.compile(r"<\|/?(?:ref|det|grounding)\|>|<[|｜]end[▁_]of[▁_]sentence[|｜]>")
_WHOLE: Corners = (0, 0, SCALE, SCALE)


def parse_boxes(text: str, image: PageView) -> ParsedAnswer:
    """Return one TEXT block with all boxes; its text is what else the model wrote, mostly the thing's name.

    Without a box the answer has an issue. So has a box of the whole picture, `[[0, 0, 999, 999]]`, which DeepSeek-OCR
    usually writes when it did not find the thing.
    """
    bare = _TAGS.sub(" ", text)
    written = " ".join(_LIST.findall(bare))
    boxes, issues = place_all(written, image) if written else ((), ())
    said = " ".join(_LIST.sub(" ", bare).split())
    block = Block(label=BlockLabel.TEXT, text=said, boxes=boxes)
    return ParsedAnswer((block,) if boxes or said else (), (*issues, *_doubts(written)))


def _doubts(written: str) -> Issues:
    corners, _ = read_corners(written)
    if not corners:
        return (issue(IssueCode.NOT_FOUND, "The model gave no box for what was asked for."),)
    if set(corners) == {_WHOLE}:
        message = "The box is the whole picture, which usually means that the model gave up finding it."
        return (issue(IssueCode.NOT_FOUND, message),)
    return ()
