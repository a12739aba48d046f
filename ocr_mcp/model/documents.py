"""Pages and the document that they make."""

from enum import StrEnum
from typing import Literal

from pydantic import computed_field

from ocr_mcp.model.blocks import Block
from ocr_mcp.model.geometry import Frozen, PageUnit, Size
from ocr_mcp.model.predictions import EngineIdentity, StopReason, Task, TokenUsage
from ocr_mcp.model.second_opinions import SecondOpinion
from ocr_mcp.model.turning import Turn

SCHEMA_VERSION: Literal["1"] = "1"
"""Of the JSON that a `Document` becomes. It changes when a field is renamed, removed or changes its meaning."""


class IssueCode(StrEnum):
    """What a reader of a page should know about it."""

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
"""Of a page with one of these, not all can be relied on."""


class PageIssue(Frozen):
    """Something less than a failure that happened on a page, as a sentence."""

    code: IssueCode
    message: str


class PageOrigin(StrEnum):
    """Where a page's text came from."""

    OCR = "ocr"
    TEXT_LAYER = "text_layer"
    MIXED = "mixed"
    """From the PDF's own text, and its pictures from an engine."""


class Reading(Frozen):
    """How a page was read by an engine. `compression` is text tokens for each vision token, None if not reported."""

    identity: EngineIdentity
    usage: TokenUsage
    compression: float | None
    stop: StopReason
    seconds: float


class Page(Frozen):
    """One page that was read. `reading` is None when no engine was needed; `origin_reason` says why this way.

    `turn` is how the page was turned to be read; `size` and all boxes are those of the page as displayed.
    `second_opinion` is None where none was asked for.
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
        """Whether the page breaks off or holds what may be made up."""
        return any(issue.code in INCOMPLETE for issue in self.issues)


class PageFailure(Frozen):
    """Why there is nothing for a page, and what to do. `code` is the code of an `OcrError`."""

    kind: Literal["failure"] = "failure"
    number: int
    code: str
    reason: str
    hint: str


PageResult = Page | PageFailure
"""The outcome for one page of a document."""


class DocumentStatus(StrEnum):
    """Complete: all pages read. Partial: some. Failed: none."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


def status_of(*, read: int, failed: int) -> DocumentStatus:
    """The status of a document of which so many pages could be read and so many could not."""
    if not failed:
        return DocumentStatus.COMPLETE
    return DocumentStatus.PARTIAL if read else DocumentStatus.FAILED


class Document(Frozen):
    """The pages that were asked for, in that order. `source` is a display name, not a path."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    source: str
    media_type: str
    total_pages: int
    pages: tuple[PageResult, ...]
    warnings: tuple[str, ...] = ()

    @computed_field
    @property
    def status(self) -> DocumentStatus:
        """How much of what was asked for is here."""
        failed = len(self.failures)
        return status_of(read=len(self.pages) - failed, failed=failed)

    @property
    def failures(self) -> tuple[PageFailure, ...]:
        """The pages that could not be read."""
        return tuple(page for page in self.pages if isinstance(page, PageFailure))
