"""Limits on the cost of a document, and the errors for documents that exceed them."""

from dataclasses import dataclass

from ocr_mcp.errors import (
    CorruptSourceError,
    OcrError,
    RenderMemoryError,
    RenderTimeoutError,
    UnrenderableError,
)
from ocr_mcp.workers.process import WorkerError, WorkerMemoryError, WorkerStartError, WorkerTimeoutError


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """Seconds for opening a document and for one page, and bytes of address space of one worker."""

    open_seconds: float = 20.0
    render_seconds: float = 20.0
    memory_bytes: int = 1_300_000_000


def describe_opening_failure(error: WorkerError, name: str, limits: RenderLimits) -> OcrError:
    """Return the error that says why a document could not be opened."""
    if isinstance(error, WorkerStartError):
        return _describe_start_failure()
    if isinstance(error, WorkerTimeoutError):
        return RenderTimeoutError(
            f"'{name}' could not be opened within {limits.open_seconds:g} s.",
            hint="Print it to a new PDF and read that, or raise the limit in the settings.",
        )
    if isinstance(error, WorkerMemoryError):
        return RenderMemoryError(
            f"Opening '{name}' needs over {limits.memory_bytes / 1e6:.0f} MB of memory.",
            hint="Split it into smaller documents.",
        )
    return CorruptSourceError(
        f"'{name}' made the reader fail, so it is damaged.",
        hint="Open it in a viewer and print it to a new PDF, or save it anew as PNG.",
    )


def describe_page_failure(error: WorkerError, number: int, limits: RenderLimits) -> OcrError:
    """Return the error that says why a page could not be measured, drawn or searched for text."""
    if isinstance(error, WorkerStartError):
        return _describe_start_failure()
    if isinstance(error, WorkerTimeoutError):
        return RenderTimeoutError(
            f"Page {number} could not be drawn within {limits.render_seconds:g} s.",
            hint="Print the page to a new PDF or save it as a picture, and read that.",
        )
    if isinstance(error, WorkerMemoryError):
        return RenderMemoryError(
            f"Page {number} needs over {limits.memory_bytes / 1e6:.0f} MB of memory to be drawn.",
            hint="Read a part of it with a region, or save it as a smaller picture.",
        )
    return describe_renderer_failure(number)


def describe_renderer_failure(number: int) -> UnrenderableError:
    """Return the error for a page at which the worker died or answered what no worker does."""
    return UnrenderableError(
        f"Page {number} made the renderer fail.",
        hint="Print the page to a new PDF or save it as a picture, and read that.",
    )


def _describe_start_failure() -> OcrError:
    """Return the error for a worker that does not start. The document is not to blame, so it is no `SourceError`."""
    return OcrError(
        "The process that opens documents does not start.",
        hint="If the machine is very busy, try again; else install ollama-ocr-mcp anew.",
    )
