"""Summaries of documents whose pages are written and gone: numbers, failures, and each note once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import Page, PageFailure, PageOrigin, Reading

_MAX_NOTES = 12
"""Notes with their words in one summary. More of a kind are said without words: a terminal is no log."""


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence about some pages. `text` is empty where there were too many to repeat."""

    numbers: tuple[int, ...]
    code: str
    text: str


class Notes:
    """Sentences about pages. Sentences that differ only in their own page number are the same one."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], list[int]] = {}
        self._as_written: dict[tuple[str, str], str] = {}

    def add(self, number: int, code: str, text: str) -> None:
        """Add a sentence about one page."""
        key = code, re.sub(rf"\b([Pp])age {number}\b", lambda p: "The page" if p[1] == "P" else "the page", text)
        self._as_written.setdefault(key, text)
        self._numbers.setdefault(key, []).append(number)

    def __iter__(self) -> Iterator[Note]:
        items = list(self._numbers.items())
        for key, numbers in items[:_MAX_NOTES]:
            yield Note(tuple(numbers), key[0], self._as_written[key] if len(numbers) == 1 else key[1])
        rest: dict[str, list[int]] = {}
        for (code, _), numbers in items[_MAX_NOTES:]:
            rest.setdefault(code, []).extend(numbers)
        for code, numbers in rest.items():
            yield Note(tuple(sorted(set(numbers))), code, "")


@dataclass(slots=True)
class Tally:
    """Counts the pages of one document. Its memory grows with the failures and issues only."""

    read: int = 0
    from_text_layer: int = 0
    by_engine: int = 0
    engine_seconds: float = 0.0
    last_reading: Reading | None = None
    failures: list[PageFailure] = field(default_factory=list[PageFailure])
    issues: Notes = field(default_factory=Notes)

    @property
    def done(self) -> int:
        """Number of pages that were read or have failed."""
        return self.read + len(self.failures)

    def add(self, result: Page | PageFailure) -> None:
        """Count one page."""
        if isinstance(result, PageFailure):
            self.failures.append(result)
            return
        self.read += 1
        self.from_text_layer += result.origin is PageOrigin.TEXT_LAYER
        for issue in result.issues:
            self.issues.add(result.number, issue.code.value, issue.message)
        if result.reading:
            self.by_engine += 1
            self.engine_seconds += result.reading.seconds
            self.last_reading = result.reading

    def failure_notes(self) -> Notes:
        """Return each reason and the pages that it holds for."""
        notes = Notes()
        for failure in self.failures:
            notes.add(failure.number, failure.code, f"{failure.reason} {failure.hint}".strip())
        return notes


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """The end of one document, as an observer is told.

    `pages_asked` is None for a document that could not be opened. `error` says why there is no result, or which figures
    could not be written beside it. `cache_problem` says why pages are not kept for the next time (None: they are).
    """

    name: str
    is_alone: bool
    pages_asked: int | None
    tally: Tally
    warnings: tuple[str, ...]
    error: OcrError | None
    cache_problem: str | None = None


def pages_text(numbers: Iterable[int]) -> str:
    """Return `page 2`, or `pages 3, 7-9`, for numbers in any order."""
    ordered = sorted(set(numbers))
    runs = [[n for _, n in run] for _, run in groupby(enumerate(ordered), key=lambda item: item[1] - item[0])]
    ranges = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"page {ranges}" if len(ordered) == 1 else f"pages {ranges}"
