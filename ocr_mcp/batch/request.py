"""The documents of a batch, and how to read and write them."""

from dataclasses import dataclass, field
from pathlib import Path

from ocr_mcp.batch.formats import OutputFormat
from ocr_mcp.batch.output import Stream
from ocr_mcp.batch.plan import STDOUT, Job
from ocr_mcp.errors import UsageError
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline import ReadOptions

WORDY_TASKS = (Task.MARKDOWN, Task.TEXT, Task.LINES)
"""Tasks whose result is the words of a page."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """Sources to read, and a place for their results.

    `output` None or `-` is the stream; a folder takes several results. `pages` is a page list as people write it. With
    `recursive`, folders among the sources are searched. `report` takes one JSON line for each document, and `figures`
    is a folder for the pictures of the documents.
    """

    sources: tuple[str, ...]
    output_format: OutputFormat
    options: ReadOptions = field(default_factory=ReadOptions)
    pages: str = "all"
    engine: str | None = None
    output: Path | None = None
    recursive: bool = False
    report: Path | None = None
    figures: Path | None = None

    @property
    def uses_stream(self) -> bool:
        """True if the results go to the stream and not to files."""
        return self.output is None or self.output == STDOUT


def check_request(request: BatchRequest, jobs: list[Job], stream: Stream) -> None:
    """Raise `UsageError` for results that cannot be written in that format to that place."""
    chosen = request.output_format
    if request.figures is not None and not chosen.shows_figures:
        raise UsageError("--figures belongs to Markdown, which shows them.", hint="Leave one of the two out.")
    to_stream = any(job.output is None for job in jobs)
    if to_stream and len(jobs) > 1 and not chosen.shares_stream:
        raise UsageError(f"Several documents cannot be one {chosen.name} file.", hint="Name a folder with -o.")
    if to_stream and chosen.is_binary and stream.is_terminal:
        raise UsageError(f"A terminal cannot show a {chosen.name.upper()}.", hint="Name a file with -o.")
    if chosen.needs_words and request.options.task not in WORDY_TASKS:
        raise UsageError(
            f"A document in the format {chosen.name} holds the words of its pages.", hint="Leave --task out."
        )
