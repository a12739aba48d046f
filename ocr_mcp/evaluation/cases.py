"""What is judged: a page or a document, and what a person says that it says."""

from enum import StrEnum
from typing import Any

from ocr_mcp.model.geometry import Frozen


class TruthKind(StrEnum):
    """How a block of the ground truth is written, hence how it is compared."""

    TEXT = "text"
    FORMULA = "formula"
    TABLE = "table"


class TruthBlock(Frozen):
    """One block of the ground truth.

    `content` is Markdown with inline LaTeX, LaTeX, or HTML, as `kind` says. `order` is its place in the reading order,
    None where it has none. A margin (header, footer, page number, caption, footnote) is matched, so that it is not
    taken for anything else, and not scored, as OmniDocBench does it.
    """

    kind: TruthKind
    content: str
    order: float | None
    is_margin: bool = False


class CaseTest(Frozen):
    """One of olmOCR-bench's tests. `rule` is its line of the benchmark's file, as it stands there."""

    name: str
    kind: str
    page: int
    rule: dict[str, Any]


class Case(Frozen):
    """One page, or one document that has one ground truth for all its pages.

    `name` is unique in a run and part of file names. `kind` is the type of document that the result is listed under.
    `numbers` are the 1-based pages, None for all of the document. `blocks` None: nothing to compare a text with.
    `whole` is the whole text in reading order, margins too where people read them; None where only parts are known.
    `keeps_margins` False: what reads it should leave headers and footers out, because the tests ask for that.
    """

    name: str
    source: str
    kind: str = "pages"
    numbers: tuple[int, ...] | None = (1,)
    blocks: tuple[TruthBlock, ...] | None = None
    whole: str | None = None
    tests: tuple[CaseTest, ...] = ()
    keeps_margins: bool = True
