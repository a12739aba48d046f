"""The result of every parser of answers: blocks and issues."""

from collections.abc import Iterable
from dataclasses import dataclass

from ocr_mcp.model.blocks import Block
from ocr_mcp.model.documents import IssueCode, PageIssue
from ocr_mcp.parsing.joining.hyphens import LINE_END

Issues = tuple[PageIssue, ...]


@dataclass(frozen=True)
class ParsedAnswer:
    """The blocks of an answer in the order the engine wrote them, and what a reader should know about them."""

    blocks: tuple[Block, ...]
    issues: Issues = ()


EMPTY = PageIssue(
    code=IssueCode.EMPTY_ANSWER, message="The model answered with nothing, or with nothing but punctuation."
)
"""A known fault of vision models."""


def issue(code: IssueCode, message: str) -> PageIssue:
    """An issue in one call."""
    return PageIssue(code=code, message=message)


def joined(parts: Iterable[ParsedAnswer]) -> ParsedAnswer:
    """Several answers as one, each issue once."""
    parts = tuple(parts)
    blocks = tuple(block for part in parts for block in part.blocks)
    return ParsedAnswer(blocks, tuple(dict.fromkeys(found for part in parts for found in part.issues)))


def excerpt(text: str, limit: int = 60) -> str:
    """The start of `text` on one line, for a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def joined_lines(lines: Iterable[str]) -> str:
    """Lines of one paragraph on one line.

    A hyphen at a line's end closes up, with a `LINE_END` behind it: `join_broken_words` says whether it belongs to the
    word. Chinese and Japanese are not parted by spaces.
    """
    text = ""
    for line in (" ".join(line.split()) for line in lines):
        text += line if not text or not line else f"{_between(text, line)}{line}"
    return text


def _between(text: str, line: str) -> str:
    if _is_broken_word(text):
        return LINE_END
    return "" if _is_cjk(text[-1]) and _is_cjk(line[0]) else " "


def _is_broken_word(text: str) -> bool:
    return text[-1] in "-\u2010\u00ad" and text[-2:-1].isalnum()


def _is_cjk(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or "\uff00" <= character <= "\uffef"
