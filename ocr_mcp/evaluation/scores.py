"""Score the text that one system read of one case."""

from collections.abc import Sequence

from ocr_mcp.evaluation.cases import Case, TruthKind
from ocr_mcp.evaluation.olmocr_rules import passes
from ocr_mcp.evaluation.page_distances import (
    EditSum,
    measure_distances,
    measure_whole_distance,
    pair_tables,
    to_plain_text,
)
from ocr_mcp.evaluation.systems import Output
from ocr_mcp.evaluation.tree_distance import teds
from ocr_mcp.evaluation.word_precision import word_precision
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.loops import LoopThresholds
from ocr_mcp.parsing.loops.guard import LoopGuard


class TableScore(Frozen):
    """TEDS of one table of the ground truth, with and without the texts of its cells."""

    teds: float
    structure: float


class TestResult(Frozen):
    """The result of one test of olmOCR-bench."""

    name: str
    kind: str
    passed: bool


class CaseScore(Frozen):
    """The scores of one case.

    Distances are 0 (the same) to 1, TEDS is 1 (the same) to 0; None where the ground truth has nothing of that kind.
    `text`, `formulas` and `order` are distances of matched blocks, `whole` is that of the whole text in its order.
    `precision` is the share of the words that were read that the ground truth has. `looped` is True where the text goes
    round in circles, or the reader says that the model did not come to an end; `reread` where the reader had to ask
    again. A case that failed has the worst value of each.
    """

    case: str
    kind: str
    text: float | None = None
    formulas: float | None = None
    order: float | None = None
    whole: float | None = None
    precision: float | None = None
    tables: tuple[TableScore, ...] = ()
    tests: tuple[TestResult, ...] = ()
    looped: bool = False
    reread: bool = False
    failure: str | None = None


def score_case(case: Case, output: Output) -> CaseScore:
    """Compare an output with the ground truth of its case."""
    markdown = output.markdown
    distances = measure_distances(case.blocks or (), markdown)
    codes = {issue.code for issue in output.issues}
    return CaseScore(
        case=case.name,
        kind=case.kind,
        text=_to_distance(distances.text),
        formulas=_to_distance(distances.formulas),
        order=distances.order,
        whole=None if case.whole is None else measure_whole_distance(case.whole, markdown),
        precision=word_precision(join_truth(case), to_plain_text(markdown)),
        tables=tuple(_score_tables(case, markdown)),
        tests=tuple(_run_tests(case, markdown if output.failure is None else None)),
        looped=bool(codes & {IssueCode.LOOP, IssueCode.TRUNCATED}) or is_looping(markdown),
        reread=IssueCode.REREAD in codes,
        failure=output.failure,
    )


def join_truth(case: Case) -> str:
    """Return all texts of the ground truth; an empty string where it has none."""
    blocks = [block.content for block in case.blocks or () if block.kind is not TruthKind.TABLE]
    return case.whole if case.whole is not None else "\n".join(blocks)


def _to_distance(edits: EditSum | None) -> float | None:
    return None if edits is None else edits.distance


def _score_tables(case: Case, markdown: str) -> list[TableScore]:
    if not any(block.kind is TruthKind.TABLE for block in case.blocks or ()):
        return []
    pairs = pair_tables(case.blocks or (), markdown)
    return [
        TableScore(teds=teds(answer, truth), structure=teds(answer, truth, structure_only=True))
        for truth, answer in pairs
    ]


def _run_tests(case: Case, markdown: str | None) -> Sequence[TestResult]:
    """Run the tests. A page that was not read passes none, not even a test that something is absent."""
    return [
        TestResult(name=test.name, kind=test.kind, passed=markdown is not None and passes(test.rule, markdown))
        for test in case.tests
    ]


def is_looping(markdown: str) -> bool:
    """Return whether a text ends in a proven loop, by the detector that guards the engines."""
    guard = LoopGuard(LoopThresholds())
    guard(markdown)
    return guard.loop is not None and guard.loop.is_proven
