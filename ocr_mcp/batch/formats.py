"""The output formats: one line each.

The choices of `--format`, the suffix of results and the formats of `save_to` all come from here. The writers are
imported when they are used, so that a command line can show its choices at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocr_mcp.errors import UsageError

if TYPE_CHECKING:
    from ocr_mcp.batch.figure_files import FigureFiles
    from ocr_mcp.batch.writers import DocumentWriter
    from ocr_mcp.sources.documents import OpenSource


@dataclass(frozen=True, slots=True)
class WriterParts:
    """The things that a writer may use beside the pages. `source` is None for formats that do not need it."""

    source: "OpenSource | None" = None
    figures: "FigureFiles | None" = None

    @property
    def open_source(self) -> "OpenSource":
        """The document that is read. Raises `ValueError` where the format's line does not say that it needs it."""
        if self.source is None:
            raise ValueError("the format must say needs_source")
        return self.source


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """A way to write a document. `suffix` has no dot.

    `needs_source` says that the writer draws or rewrites the source, and `needs_words` that it has nothing to write for
    tasks without the page's words. Only a format that `shares_stream` can put several documents into one stream: each
    after `heading`, and after `separator` too unless it is the first. Figures as files belong to `shows_figures`.
    """

    name: str
    suffix: str
    media_type: str
    make_writer: "Callable[[WriterParts], DocumentWriter]"
    is_binary: bool = False
    shares_stream: bool = True
    needs_words: bool = False
    needs_source: bool = False
    shows_figures: bool = False
    heading: str = ""
    separator: str = ""


def _markdown(parts: WriterParts) -> "DocumentWriter":
    from ocr_mcp.batch.writers import MarkdownWriter

    return MarkdownWriter(parts.source, parts.figures)


def _text(_: WriterParts) -> "DocumentWriter":
    from ocr_mcp.batch.writers import StreamWriter
    from ocr_mcp.emitters.text import TextStream

    return StreamWriter(TextStream())


def _json(_: WriterParts) -> "DocumentWriter":
    from ocr_mcp.batch.writers import StreamWriter
    from ocr_mcp.emitters.json_document import JsonStream

    return StreamWriter(JsonStream())


def _html(parts: WriterParts) -> "DocumentWriter":
    from ocr_mcp.batch.source_writers import HtmlWriter

    return HtmlWriter(parts.open_source)


def _pdf(parts: WriterParts) -> "DocumentWriter":
    from ocr_mcp.batch.source_writers import PdfWriter

    return PdfWriter(parts.open_source)


_KNOWN = (
    OutputFormat(
        "markdown",
        "md",
        "text/markdown",
        _markdown,
        shows_figures=True,
        heading="<!-- document {name} -->\n\n",
        separator="\n",
    ),
    OutputFormat("text", "txt", "text/plain", _text, separator="\f"),
    OutputFormat("json", "json", "application/json", _json),
    OutputFormat("html", "html", "text/html", _html, shares_stream=False, needs_source=True),
    OutputFormat(
        "pdf", "pdf", "application/pdf", _pdf, is_binary=True, shares_stream=False, needs_words=True, needs_source=True
    ),
)

FORMATS: dict[str, OutputFormat] = {each.name: each for each in _KNOWN}
"""All formats by their names; the first one is the default."""

DEFAULT = _KNOWN[0]


def format_of_suffix(path: Path) -> OutputFormat:
    """The format that a file's suffix stands for; a name without a suffix is Markdown. Raises `UsageError`."""
    suffix = path.suffix.removeprefix(".").lower()
    if not suffix:
        return DEFAULT
    found = next((each for each in FORMATS.values() if each.suffix == suffix), None)
    if found is None:
        known = ", ".join(f".{each.suffix}" for each in FORMATS.values())
        raise UsageError(f"'.{suffix}' is no format that can be written.", hint=f"End the name in one of {known}.")
    return found
