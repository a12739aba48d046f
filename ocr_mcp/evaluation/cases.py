"""Cases: pages and documents with the text that a person says they have."""

from enum import StrEnum
from typing import Any

from ocr_mcp.model.geometry import Frozen


class TruthKind(StrEnum):
    """The notation of a block of the ground truth, which decides how it is compared."""

    TEXT = "text"
    FORMULA = "formula"
    TABLE = "table"


class TruthBlock(Frozen):
    """One block of the ground truth.

    `content` is Markdown with inline LaTeX for a text, LaTeX for a formula, HTML for a table. `order` is the place in
    the reading order, None where there is none. A margin (header, footer, page number, caption, footnote) is matched,
    so that it is not taken for anything else, but it is not scored, as in OmniDocBench.
    """

    kind: TruthKind
    content: str
    order: float | None
    is_margin: bool = False


class CaseTest(Frozen):
    """A test of olmOCR-bench. `rule` is the parsed line of the benchmark's file, unchanged."""

    name: str
    kind: str
    page: int
    rule: dict[str, Any]


class Case(Frozen):
    """One page, or one document that has one ground truth for all its pages.

    `name` is unique in a run and part of file names. `kind` is the type of document that the result is listed under.
    `numbers` are the 1-based pages, None for all of the document. `blocks` is None where no blocks are known.
    `whole` is the whole text in reading order, with margins where people read them; None where only parts are known.
    `keeps_margins` is False where headers and footers should be left out of the answer, because the tests ask for that.
    """

    name: str
    source: str
    kind: str = "pages"
    numbers: tuple[int, ...] | None = (1,)
    blocks: tuple[TruthBlock, ...] | None = None
    whole: str | None = None
    tests: tuple[CaseTest, ...] = ()
    keeps_margins: bool = True
