"""Average the scores of many cases: one line for each type of document and system."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.runs import Run
from ocr_mcp.evaluation.scores import CaseScore, score_case
from ocr_mcp.model.geometry import Frozen

ALL = "all"


class Summary(Frozen):
    """The means of a system over the cases of one kind (`all` is every kind); None where nothing was to be measured.

    `text`, `formulas`, `order` and `whole` are means over cases, `teds` and `structure` over tables. `passed_by_type`
    counts passed tests and all tests. `seconds` and `cpu_seconds` are for a page and measured over a whole run, so only
    the kind `all` has them.
    """

    system: str
    kind: str
    cases: int
    pages: int
    text: float | None = None
    order: float | None = None
    whole: float | None = None
    formulas: float | None = None
    tables: int = 0
    teds: float | None = None
    structure: float | None = None
    tests: int = 0
    passed: int = 0
    passed_by_type: dict[str, tuple[int, int]]
    looped: int = 0
    reread: int = 0
    failed: int = 0
    seconds: float | None = None
    cpu_seconds: float | None = None


class Judged(Frozen):
    """A run with the score of each of its outputs, in the order of the cases."""

    run: Run
    scores: tuple[CaseScore, ...]


def judge(run: Run, cases: Sequence[Case]) -> Judged:
    """Score every output of a run."""
    if run.problem is not None:
        return Judged(run=run, scores=())
    scored = (score_case(case, output) for case, output in zip(cases, run.outputs, strict=True))
    return Judged(run=run, scores=tuple(scored))


def summaries(judged: Sequence[Judged]) -> list[Summary]:
    """Summarise each kind, system by system. All kinds together come last, or alone if there is only one kind."""
    with_results = [each for each in judged if each.run.problem is None]
    kinds = sorted({score.kind for each in with_results for score in each.scores})
    shown = [*kinds, ALL] if len(kinds) > 1 else [ALL]
    return [_summarise(each, kind) for kind in shown for each in with_results]


def _summarise(judged: Judged, kind: str) -> Summary:
    run = judged.run
    pairs = [(s, o) for s, o in zip(judged.scores, run.outputs, strict=True) if kind in (ALL, s.kind)]
    scores = [score for score, _ in pairs]
    tables = [table for score in scores for table in score.tables]
    tests = [test for score in scores for test in score.tests]
    types = sorted({test.kind for test in tests})
    pages = sum(output.pages for _, output in pairs)
    is_all = kind == ALL and pages > 0
    return Summary(
        system=run.system,
        kind=kind,
        cases=len(scores),
        pages=pages,
        text=_mean(score.text for score in scores),
        order=_mean(score.order for score in scores),
        whole=_mean(score.whole for score in scores),
        formulas=_mean(score.formulas for score in scores),
        tables=len(tables),
        teds=_mean(table.teds for table in tables),
        structure=_mean(table.structure for table in tables),
        tests=len(tests),
        passed=sum(test.passed for test in tests),
        passed_by_type={
            name: (sum(t.passed for t in tests if t.kind == name), sum(t.kind == name for t in tests)) for name in types
        },
        looped=sum(score.looped for score in scores),
        reread=sum(score.reread for score in scores),
        failed=sum(score.failure is not None for score in scores),
        seconds=run.seconds / pages if is_all else None,
        cpu_seconds=run.cpu_seconds / pages if is_all else None,
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def select_worst(judged: Judged, count: int) -> list[CaseScore]:
    """Return the `count` cases that are furthest from their ground truth, worst first; perfect ones are left out."""
    bad = [score for score in judged.scores if measure_badness(score) > 0]
    return sorted(bad, key=measure_badness, reverse=True)[:count]


def measure_badness(score: CaseScore) -> float:
    """Return 0 (perfect) to 1: the distance of the text, else what the tables lack, else the share of failed tests."""
    if score.failure is not None:
        return 1.0
    lost_tests = [0.0 if test.passed else 1.0 for test in score.tests]
    lost_tables = [1.0 - table.teds for table in score.tables]
    text = score.text if score.text is not None else score.whole
    return text if text is not None else fmean(lost_tables or lost_tests or [0.0])
