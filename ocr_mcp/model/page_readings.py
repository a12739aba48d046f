"""One page, or one figure, together with how it was read."""

from dataclasses import dataclass

from ocr_mcp.model.charts import Figure
from ocr_mcp.model.documents import Page, PageIssue, Reading


@dataclass(frozen=True, slots=True)
class PageReading:
    """A page that was read by itself. `total_pages` counts the pages of its document.

    `warnings` are sentences about the choice of the engine.
    """

    page: Page
    total_pages: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureReading:
    """The data of a figure, and how an engine read it. `issues` and `warnings` say what to distrust and why."""

    figure: Figure
    issues: tuple[PageIssue, ...]
    reading: Reading
    warnings: tuple[str, ...]
