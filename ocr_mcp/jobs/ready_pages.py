"""The part of a page that a job keeps for the calls that will ask for it."""

from dataclasses import dataclass

from ocr_mcp.emitters.markdown import markdown_page_part
from ocr_mcp.jobs.packed_pages import pack_page
from ocr_mcp.model.documents import PageFailure, PageIssue, PageOrigin, Reading
from ocr_mcp.model.second_opinions import SecondOpinion
from ocr_mcp.pipeline import PageResult

MAX_DIFFERENCES = 20
"""Differences kept of a page's second opinion: a document that was read wrong must not fill the memory."""


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """The part of a page that a job keeps: its text as part of the document, and the facts that a result tells.

    `packed` is the whole page, see `pack_page`.
    """

    number: int
    text: str
    origin: PageOrigin | None
    issues: tuple[PageIssue, ...]
    reading: Reading | None
    second_opinion: SecondOpinion | None
    failure: PageFailure | None
    packed: bytes


def make_ready_page(result: PageResult, *, is_first: bool) -> ReadyPage:
    """Return what is kept of a page. `is_first` says that it is the first one of those that were asked for."""
    failed = isinstance(result, PageFailure)
    opinion = None if failed else result.second_opinion
    return ReadyPage(
        number=result.number,
        text=markdown_page_part(result, is_first=is_first),
        origin=None if failed else result.origin,
        issues=() if failed else result.issues,
        reading=None if failed else result.reading,
        second_opinion=opinion and opinion.shortened(MAX_DIFFERENCES),
        failure=result if failed else None,
        packed=pack_page(result),
    )
