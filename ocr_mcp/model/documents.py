"""Pages, and the document that they make."""

from enum import StrEnum
from typing import Literal

from pydantic import computed_field

from ocr_mcp.model.blocks import Block
from ocr_mcp.model.geometry import Frozen, PageUnit, Size
from ocr_mcp.model.predictions import EngineIdentity, StopReason, Task, TokenUsage
from ocr_mcp.model.second_opinions import SecondOpinion
from ocr_mcp.model.turning import Turn

SCHEMA_VERSION: Literal["1"] = "1"
"""Version of a `Document`'s JSON. It changes when a field is renamed, is removed or changes its meaning."""


class IssueCode(StrEnum):
    """The kinds of things that a reader of a page should know about it."""

    FUSED_TABLE = "fused_table"
    BAD_TABLE = "bad_table"
    BAD_BOX = "bad_box"
    UNREAD_MARKUP = "unread_markup"
    TRUNCATED = "truncated"
    LOOP = "loop"
    EMPTY_ANSWER = "empty_answer"
    NOT_FOUND = "not_found"
    REPAIRED = "repaired"
    FRAMES_IGNORED = "frames_ignored"
    TEXT_LAYER = "text_layer"
    HIDDEN_TEXT = "hidden_text"
    REREAD = "reread"
    UNREAD_SCRIPT = "unread_script"
    TURNED = "turned"
    IN_PARTS = "in_parts"
    PART_MISSING = "part_missing"


INCOMPLETE = frozenset({IssueCode.TRUNCATED, IssueCode.LOOP, IssueCode.PART_MISSING})
"""Issues of pages that are not complete, or hold text that may be made up."""


class PageIssue(Frozen):
    """An event on a page that is less than a failure. `message` is a whole sentence."""

    code: IssueCode
    message: str


class PageOrigin(StrEnum):
    """The source of a page's text: the picture, the PDF's own text, or both."""

    OCR = "ocr"
    TEXT_LAYER = "text_layer"
    MIXED = "mixed"
    """The PDF's own text, and an engine's reading of its pictures."""


class Reading(Frozen):
    """The facts about an engine's reading of a page. `seconds` is the engine's wall time.

    `compression` is the number of text tokens for each vision token, None if these are not reported.
    """

    identity: EngineIdentity
    usage: TokenUsage
    compression: float | None
    stop: StopReason
    seconds: float


class Page(Frozen):
    """One page that was read. `number` is 1-based; `size` and all boxes are those of the page as displayed, in `unit`.

    `blocks` are in reading order. `origin_reason` says why the text comes from its `origin`. `reading` is None when no
    engine was needed. `turn` is the rotation with which the page was read. `second_opinion` is None where none was
    asked for.
    """

    kind: Literal["page"] = "page"
    number: int
    size: Size
    unit: PageUnit
    origin: PageOrigin
    origin_reason: str
    task: Task
    blocks: tuple[Block, ...]
    issues: tuple[PageIssue, ...] = ()
    reading: Reading | None = None
    turn: Turn = Turn.NONE
    second_opinion: SecondOpinion | None = None

    @property
    def is_incomplete(self) -> bool:
        """True for a page that breaks off, or holds text that may be made up."""
        return any(issue.code in INCOMPLETE for issue in self.issues)


class PageFailure(Frozen):
    """A page that could not be read: `reason` says why, `hint` what to do. `code` is that of an `OcrError`."""

    kind: Literal["failure"] = "failure"
    number: int
    code: str
    reason: str
    hint: str


PageResult = Page | PageFailure
"""The outcome for one page of a document."""


class DocumentStatus(StrEnum):
    """The part of the pages that could be read: all of them, some, or none."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


def status_of(*, read: int, failed: int) -> DocumentStatus:
    """Return the status of a document of which so many pages could be read and so many could not."""
    if not failed:
        return DocumentStatus.COMPLETE
    return DocumentStatus.PARTIAL if read else DocumentStatus.FAILED


class Document(Frozen):
    """The pages that were asked for, in that order. `source` is a display name, not a path.

    `total_pages` counts the pages of the whole document. `warnings` are sentences about the choice of the engine.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    source: str
    media_type: str
    total_pages: int
    pages: tuple[PageResult, ...]
    warnings: tuple[str, ...] = ()

    @computed_field
    @property
    def status(self) -> DocumentStatus:
        """The part of the pages asked for that could be read."""
        failed = len(self.failures)
        return status_of(read=len(self.pages) - failed, failed=failed)

    @property
    def failures(self) -> tuple[PageFailure, ...]:
        """The pages that could not be read."""
        return tuple(page for page in self.pages if isinstance(page, PageFailure))
