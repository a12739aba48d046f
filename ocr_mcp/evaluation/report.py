"""Show the figures to people, as Markdown tables."""

from collections.abc import Callable, Sequence

from ocr_mcp.evaluation.scores import CaseScore
from ocr_mcp.evaluation.summaries import Judged, Summary, measure_badness, select_worst

Column = tuple[str, Callable[[Summary], str]]

_COLUMNS: tuple[Column, ...] = (
    ("text", lambda each: format_ratio(each.text)),
    ("page", lambda each: format_ratio(each.whole)),
    ("order", lambda each: format_ratio(each.order)),
    ("formulas", lambda each: format_ratio(each.formulas)),
    ("TEDS", lambda each: format_ratio(each.teds)),
    ("structure", lambda each: format_ratio(each.structure)),
    ("tests", lambda each: f"{each.passed}/{each.tests}" if each.tests else ""),
    ("loops", lambda each: str(each.looped)),
    ("read again", lambda each: str(each.reread)),
    ("failed", lambda each: str(each.failed)),
    ("s/page", lambda each: _format_seconds(each.seconds)),
    ("CPU-s/page", lambda each: _format_seconds(each.cpu_seconds)),
)


def summary_table(summaries: Sequence[Summary]) -> str:
    """Return one line for each type of document and system; columns without figures are left out."""
    used = [(name, show) for name, show in _COLUMNS if any(show(each) not in ("", "0") for each in summaries)]
    header = ["type", "read by", "pages", *(name for name, _ in used)]
    rows = [[each.kind, each.system, str(each.pages), *(show(each) for _, show in used)] for each in summaries]
    return format_table([header, *rows])


def tests_table(summaries: Sequence[Summary]) -> str:
    """Return the passed tests by type, for all documents together; an empty string where there were no tests."""
    of_all = [each for each in summaries if each.kind == "all" and each.tests]
    types = sorted({name for each in of_all for name in each.passed_by_type})
    if not of_all:
        return ""
    rows = [[each.system, *(_format_passed(each.passed_by_type.get(name)) for name in types)] for each in of_all]
    return format_table([["tests passed by", *types], *rows])


def _format_passed(counts: tuple[int, int] | None) -> str:
    return f"{counts[0]}/{counts[1]}" if counts else ""


def format_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns are as wide as their cells. The first row is the header."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def worst_list(judged: Judged, count: int) -> str:
    """Return the `count` worst cases of a system, one a line; an empty string where all are perfect."""
    found = select_worst(judged, count)
    lines = [f"  {measure_badness(each):.3f}  {each.case}{_explain(each)}" for each in found]
    return "\n".join([f"Furthest from the ground truth, {judged.run.system}:", *lines]) if lines else ""


def _explain(score: CaseScore) -> str:
    notes = [f"failed: {score.failure}"] if score.failure else []
    notes += ["goes round in circles"] if score.looped else []
    notes += [f"TEDS {', '.join(f'{each.teds:.2f}' for each in score.tables)}"] if score.tables else []
    failed = [test.name for test in score.tests if not test.passed]
    notes += [f"not passed: {', '.join(failed)}"] if failed else []
    return f"  ({'; '.join(notes)})" if notes else ""


def format_ratio(value: float | None) -> str:
    """Return the value with three decimals; an empty string for None."""
    return "" if value is None else f"{value:.3f}"


def _format_seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
