"""What a person sees on stderr: one progress bar, warnings, and errors with their next step."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from ocr_mcp.errors import OcrError
from ocr_mcp.model.documents import Document, Page, PageOrigin


class PageProgress(Protocol):
    """Counts the pages of one document."""

    def page_done(self) -> None:
        """One more page is ready."""
        ...


class _Silent:
    def page_done(self) -> None:
        """Nobody is looking."""


@contextmanager
def page_progress(name: str, total: int) -> Generator[PageProgress]:
    """A bar with pages a minute and time left when stderr is a terminal; nothing otherwise."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=total)

        class Bar:
            def page_done(self) -> None:
                """Move the bar."""
                bar.advance(task)

        yield Bar()


def say(text: str) -> None:
    """One line on stderr."""
    print(text.encode("utf-8", "replace").decode(), file=sys.stderr)  # noqa: T201  stderr is this module's purpose


def say_error(error: OcrError, *, about: str = "") -> None:
    """What happened, and on a second line what to do."""
    prefix = f"ocr-mcp: {about}: " if about else "ocr-mcp: "
    say(f"{prefix}{error.message}")
    if error.hint:
        say(f"  {error.hint}")


def say_summary(document: Document) -> None:
    """Warnings, failed pages, issues, and who read: all that a reader of the text should know."""
    for warning in document.warnings:
        say(f"ocr-mcp: {warning}")
    for page in document.pages:
        if isinstance(page, Page):
            for issue in page.issues:
                say(f"ocr-mcp: page {page.number}: {issue.message}")
        else:
            say(f"ocr-mcp: page {page.number} failed ({page.code}): {page.reason} {page.hint}".rstrip())
    say(f"ocr-mcp: {document.source}: {_who_read(document)}")


def _who_read(document: Document) -> str:
    pages = [page for page in document.pages if isinstance(page, Page)]
    readings = [page.reading for page in pages if page.reading]
    parts: list[str] = []
    native = sum(page.origin is PageOrigin.TEXT_LAYER for page in pages)
    if native:
        parts.append(f"{_pages(native)} from the text layer")
    if readings:
        identity = readings[-1].identity
        device = f" on the {identity.device.value.upper()}" if identity.device else ""
        seconds = sum(reading.seconds for reading in readings)
        reader = f"the {identity.engine} engine ({identity.model}{device})"
        parts.append(f"{_pages(len(readings))} read by {reader} in {seconds:.1f} s")
    if document.failures:
        parts.append(f"{_pages(len(document.failures))} failed")
    return ", ".join(parts) or "no pages"


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count} pages"
