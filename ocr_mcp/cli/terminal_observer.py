"""Tells a person on stderr how far a batch is, and what became of each document."""

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

from ocr_mcp.batch.summary import DocumentSummary, Tally, pages_text
from ocr_mcp.cli.console import count_pages, say, say_error
from ocr_mcp.cli.progress import PageProgress, page_progress
from ocr_mcp.cli.stopping import Stop
from ocr_mcp.errors import OcrError
from ocr_mcp.pipeline import PageResult


class TerminalObserver:
    """An `Observer`. `stop` says which signal ended the work, if any."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._shown = ExitStack()
        self._progress: PageProgress | None = None
        self._pages_left = 0
        self._warnings = set[str]()

    def document_opened(self, name: str, page_count: int) -> None:
        """See `Observer`."""
        self._progress = self._shown.enter_context(page_progress(name, page_count))
        self._pages_left = page_count

    def page_done(self, result: PageResult) -> None:
        """See `Observer`."""
        if self._progress is not None:
            self._progress.page_done(result)
        self._pages_left -= 1
        if not self._pages_left:
            self.close()

    def document_finished(self, summary: DocumentSummary) -> None:
        """See `Observer`."""
        self.close()
        self._say_new_warnings(summary.warnings)
        _say_summary(summary)
        if summary.error is not None:
            say_error(summary.error, about=_about(summary))

    def document_failed(self, summary: DocumentSummary) -> None:
        """See `Observer`."""
        self.close()
        if summary.error is not None:
            say_error(summary.error, about=_about(summary))
        else:
            _say_nothing_read(summary)

    def document_stopped(self, summary: DocumentSummary) -> None:
        """See `Observer`. A reader of stdout that has enough is told nothing."""
        self.close()
        if self._stop.signal is not None:
            say(f"ocr-mcp: {_stopped_text(summary)}")

    def hiding(self) -> AbstractContextManager[None]:
        """Put the bar aside while other text is written to the same terminal."""
        return nullcontext() if self._progress is None else self._progress.hidden()

    def _say_new_warnings(self, warnings: tuple[str, ...]) -> None:
        """Say each warning with the first document that it came with: a folder of a thousand has the same one."""
        for warning in dict.fromkeys(warnings):
            if warning not in self._warnings:
                say(f"ocr-mcp: {warning}")
        self._warnings.update(warnings)

    def close(self) -> None:
        """End the bar of the document that is being read, if there is one."""
        self._progress = None
        self._shown.close()


@contextmanager
def terminal_observer(stop: Stop) -> Generator[TerminalObserver]:
    """Open an observer whose bar is gone when the block ends."""
    observer = TerminalObserver(stop)
    try:
        yield observer
    finally:
        observer.close()


def _about(summary: DocumentSummary) -> str:
    return "" if summary.is_alone else summary.name


def _say_summary(summary: DocumentSummary) -> None:
    """Say all that a reader of the text should know: issues, failed pages, and who read."""
    for note in summary.tally.issues:
        say(f"ocr-mcp: {pages_text(note.numbers)}: {note.text or f'more of the kind {note.code!r}'}")
    _say_failures(summary.tally)
    say(f"ocr-mcp: {summary.name}: {_who_read(summary.tally)}")


def _say_nothing_read(summary: DocumentSummary) -> None:
    """Say each reason; where there is one for all pages, it is all there is to say."""
    first = summary.tally.failures[0]
    if len(list(summary.tally.failure_notes())) == 1:
        say_error(OcrError(first.reason, hint=first.hint), about=summary.name)
    else:
        _say_failures(summary.tally)
        say(f"ocr-mcp: {summary.name}: no page could be read.")


def _say_failures(tally: Tally) -> None:
    """Say each reason once, with its pages."""
    for note in tally.failure_notes():
        reason = note.text or "for other reasons; --report lists them."
        say(f"ocr-mcp: {pages_text(note.numbers)} failed ({note.code}): {reason}")


def _stopped_text(summary: DocumentSummary) -> str:
    """Return how far the reading came, and how to go on."""
    about = "" if summary.is_alone else f"{summary.name}: "
    if summary.pages_asked is None or not summary.tally.done:
        return f"{about}Stopped before the first page."
    kept = "They are kept: run the same command again to go on."
    if summary.cache_problem is not None:
        kept = f"They are not kept, so the same command begins anew. {summary.cache_problem}"
    return f"{about}Stopped after {summary.tally.done} of {count_pages(summary.pages_asked)}. {kept}"


def _who_read(tally: Tally) -> str:
    parts: list[str] = []
    if tally.from_text_layer:
        parts.append(f"{count_pages(tally.from_text_layer)} from the text layer")
    if tally.last_reading:
        identity = tally.last_reading.identity
        device = f" on the {identity.device.value.upper()}" if identity.device else ""
        reader = f"the {identity.engine} engine ({identity.model}{device})"
        parts.append(f"{count_pages(tally.by_engine)} read by {reader} in {tally.engine_seconds:.1f} s")
    if tally.failures:
        parts.append(f"{count_pages(len(tally.failures))} failed")
    return ", ".join(parts) or "no pages"
