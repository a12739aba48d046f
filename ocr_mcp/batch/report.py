"""One JSON line for each document, for programs that follow a long run."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO

from ocr_mcp.errors import OutputError
from ocr_mcp.model.geometry import Frozen

STDERR = Path("-")


class ReportStatus(StrEnum):
    """The values of `DocumentStatus`, and `stopped` for a document that was cut short from outside."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    STOPPED = "stopped"


class FailedPage(Frozen):
    """A page without text, and the reason."""

    page: int
    code: str
    reason: str


class DocumentError(Frozen):
    """The reason why there is no result, or why something is missing beside it."""

    code: str
    message: str
    hint: str


class DocumentReport(Frozen):
    """The line of one document.

    `pages_total` and `pages_asked` are None for a document that could not be opened, `output` for stdout, `engine`
    and `model` where no engine was needed. `seconds` is wall time.
    """

    source: str
    output: str | None
    status: ReportStatus
    pages_total: int | None
    pages_asked: int | None
    pages_read: int
    pages_from_text_layer: int
    failed_pages: tuple[FailedPage, ...]
    warnings: tuple[str, ...]
    engine: str | None
    model: str | None
    seconds: float
    exit_code: int
    error: DocumentError | None


class Report:
    """Takes the lines; without a file it keeps none.

    `problem` says why lines are missing: the documents are read anyway.
    """

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self.problem: OutputError | None = None

    def add(self, document: DocumentReport) -> None:
        """Append one line in one write, so that several runs can share a file."""
        if self._file is None:
            return
        try:
            self._file.write(document.model_dump_json().encode("utf-8", "replace") + b"\n")
            self._file.flush()
        except OSError as error:
            self._file = None  # a line after a missing one would hide that it is missing
            self.problem = OutputError(
                f"The report could not be written: {error.strerror}.",
                hint="The documents are read all the same. Choose another place with --report.",
            )


@contextmanager
def open_report(path: Path | None) -> Generator[Report]:
    """Open a file that grows, stderr for `-`, nothing for None. Raises `OutputError` before any work is done."""
    if path is None:
        yield Report(None)
        return
    if path == STDERR:
        yield Report(sys.stderr.buffer)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab", buffering=0)
    except OSError as error:
        reason = f"The report '{path}' could not be opened: {error.strerror}."
        raise OutputError(reason, hint="Choose another place with --report.") from error
    with file:
        yield Report(file)


def shown(text: str | os.PathLike[str]) -> str:
    """Return a name as text that JSON takes. A name that is not UTF-8 gets replacement characters."""
    return os.fsencode(text).decode("utf-8", "replace")
