"""The programs that read the pages to be judged: this one with its engines, and others to compare it with."""

from typing import Protocol

from ocr_mcp.evaluation.cases import Case
from ocr_mcp.model.documents import PageIssue
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.predictions import TokenUsage


class Output(Frozen):
    """The result of a system for one case.

    `markdown` is empty where `failure` says why there is nothing. `seconds` is wall time, with other cases being read
    at the same time. `pages` is the number of pages that were read. `usage` counts the tokens of a case of one page;
    None where no model counted. `mode_tokens` are its vision tokens as the paper behind `modes` counts them, where a
    mode was asked for and used. `issues` are those that the system itself reports of its pages.
    """

    markdown: str = ""
    seconds: float
    pages: int = 1
    issues: tuple[PageIssue, ...] = ()
    usage: TokenUsage | None = None
    mode_tokens: int | None = None
    failure: str | None = None

    @property
    def text_tokens(self) -> int | None:
        """Tokens of the answer; None where no model counted."""
        return self.usage.text if self.usage else None


class System(Protocol):
    """A program that reads pages. Use it as an async context manager: its processes end with it."""

    @property
    def name(self) -> str:
        """Name of the system in tables."""
        ...

    @property
    def concurrency(self) -> int:
        """Number of cases that it is given at once."""
        ...

    async def __aenter__(self) -> "System": ...

    async def __aexit__(self, *_: object) -> None: ...

    async def read(self, case: Case) -> Output:
        """Read one case. Raises an `OcrError` for a case that it cannot read."""
        ...
