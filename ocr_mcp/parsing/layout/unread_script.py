"""Find lines in a script that the embedded engine does not read.

Its models read Latin letters, Chinese and Japanese. Of Korean, Hebrew or Cyrillic they see where lines stand, and write
little or nonsense: a few characters for a line that has room for many, or characters that they are not sure of.
"""

from collections.abc import Sequence

from ocr_mcp.model.documents import IssueCode
from ocr_mcp.parsing.layout.page_lines import PageLine
from ocr_mcp.parsing.layout.paragraphs import measure_character_width
from ocr_mcp.parsing.parsed import Issues, issue

MIN_SPARSE_CHARACTER_RATIO = 0.8
"""Width of a character, in line heights, above which a line has room for far more of them. Read lines have 0.2 to 0.5,
unread lines over 1 (73 pages, 9 of them unread)."""

MIN_SPARSE_ASPECT_RATIO = 2.0
"""Ratio of width to height up to which a line may be a single digit in a large box."""

DOUBTFUL_CONFIDENCE, GUESSED_CONFIDENCE = 0.8, 0.6
"""Confidences (0 to 1): a line under the first suggests a script that is not read; if the page is in one, lines under
the second are left out."""

MIN_DOUBTFUL_WIDTH_RATIO = 0.3
"""Part of the width of all lines from which doubtful ones show a script that is not read. Pages that are read have up
to 0.11."""


def split_unread_lines(lines: Sequence[PageLine]) -> tuple[list[PageLine], list[PageLine]]:
    """Return the lines of a page that were read, and those that were only guessed.

    On most pages the second list is empty.
    """
    doubtful = sum(line.box.width for line in lines if _is_sparse(line) or _confidence(line) < DOUBTFUL_CONFIDENCE)
    if doubtful < MIN_DOUBTFUL_WIDTH_RATIO * sum(line.box.width for line in lines) or not doubtful:
        return list(lines), []
    unread = [line for line in lines if _is_sparse(line) or _confidence(line) < GUESSED_CONFIDENCE]
    return [line for line in lines if not any(line is other for other in unread)], unread


def _is_sparse(line: PageLine) -> bool:
    """Tell whether a line has room for far more characters than were read.

    Vertical lines are higher than wide, so their width says nothing and they never count.
    """
    return (
        line.box.width > MIN_SPARSE_ASPECT_RATIO * line.box.height
        and measure_character_width(line) > MIN_SPARSE_CHARACTER_RATIO * line.box.height
    )


def _confidence(line: PageLine) -> float:
    """Return the confidence of a line; one that was not measured counts as 1."""
    return 1.0 if line.confidence is None else line.confidence


def unread_issues(read: Sequence[PageLine], unread: Sequence[PageLine]) -> Issues:
    """Return the issue for a page with unread lines, or none."""
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
