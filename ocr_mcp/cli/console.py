"""What a person is told on stderr: warnings, failures with their next step, and who read."""

import sys

from ocr_mcp.batch.summary import Tally, pages_text
from ocr_mcp.errors import OcrError


def say(text: str) -> None:
    """One line on stderr."""
    print(text.encode("utf-8", "replace").decode(), file=sys.stderr, flush=True)  # noqa: T201  stderr is this module's purpose


def say_error(error: OcrError, *, about: str = "") -> None:
    """What happened, and on a second line what to do."""
    prefix = f"ocr-mcp: {about}: " if about else "ocr-mcp: "
    say(f"{prefix}{error.message}")
    if error.hint:
        say(f"  {error.hint}")


def say_summary(name: str, tally: Tally, warnings: tuple[str, ...]) -> None:
    """All that a reader of the text should know: warnings, issues, failed pages, and who read."""
    for warning in warnings:
        say(f"ocr-mcp: {warning}")
    for note in tally.issues:
        say(f"ocr-mcp: {pages_text(note.numbers)}: {note.text or f'more of the kind {note.code!r}'}")
    say_failures(tally)
    say(f"ocr-mcp: {name}: {_who_read(tally)}")


def say_failures(tally: Tally) -> None:
    """Each reason once, with its pages."""
    for note in tally.failure_notes():
        reason = note.text or "for other reasons; --report lists them."
        say(f"ocr-mcp: {pages_text(note.numbers)} failed ({note.code}): {reason}")


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


def count_pages(count: int) -> str:
    """`1 page`, `2 pages`."""
    return "1 page" if count == 1 else f"{count} pages"
