"""Lines whose writing the embedded engine does not know.

Its models read Latin letters, Chinese and Japanese. Of Korean, Hebrew or Cyrillic they see where lines stand, and say
little or nonsense: a few characters for a line that has room for many, or characters that they are not sure of.
"""

from collections.abc import Sequence

from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.paragraphs import measure_character_width
from ocr_mcp.parsing.parsed import Issues, issue

MIN_SPARSE_CHARACTER_RATIO = 0.8
"""Line heights a character: those of read lines take .2 to .5, of unread ones over 1 (73 pages, 9 of them unread)."""

MIN_SPARSE_ASPECT_RATIO = 2.0
"""Line heights: what is shorter may be a single digit in a large box."""

DOUBTFUL_CONFIDENCE, GUESSED_CONFIDENCE = 0.8, 0.6
"""Confidences: below the first a line speaks for a script that is not read, below the second it is left out then."""

MIN_DOUBTFUL_WIDTH_RATIO = 0.3
"""Of the width of all lines, from where on the page is taken to be in such a script: read pages have up to .11."""


def split_unread_lines(lines: Sequence[PageLine]) -> tuple[list[PageLine], list[PageLine]]:
    """The lines of a page that say something, and those that only guess; all say something on most pages."""
    doubtful = sum(line.box.width for line in lines if _is_sparse(line) or _confidence(line) < DOUBTFUL_CONFIDENCE)
    if doubtful < MIN_DOUBTFUL_WIDTH_RATIO * sum(line.box.width for line in lines) or not doubtful:
        return list(lines), []
    unread = [line for line in lines if _is_sparse(line) or _confidence(line) < GUESSED_CONFIDENCE]
    return [line for line in lines if not any(line is other for other in unread)], unread


def _is_sparse(line: PageLine) -> bool:
    """Whether there is room for far more characters than were read. Vertical lines are measured in another way."""
    return (
        line.box.width > MIN_SPARSE_ASPECT_RATIO * line.box.height
        and measure_character_width(line) > MIN_SPARSE_CHARACTER_RATIO * line.box.height
    )


def _confidence(line: PageLine) -> float:
    return 1.0 if line.confidence is None else line.confidence


def unread_issues(read: Sequence[PageLine], unread: Sequence[PageLine]) -> Issues:
    """What to say of a page with such lines."""
    if not unread:
        return ()
    return (
        issue(
            IssueCode.UNREAD_SCRIPT,
            f"{len(unread)} of the {len(read) + len(unread)} lines are in handwriting or in a script that the embedded"
            " engine does not read, and were left out. It reads Latin letters, Chinese and Japanese;"
            " the engine 'ollama' reads more.",
        ),
    )
