"""A system reads every case; one that fails stops nothing and is counted as the worst."""

import time

import pytest

from ocr_mcp.errors import CorruptSourceError, EngineUnavailableError
from ocr_mcp.evaluation.cases import Case, CaseTest, TruthBlock, TruthKind
from ocr_mcp.evaluation.report import summary_table, worst_list
from ocr_mcp.evaluation.runs import measure_cpu_seconds, run_system
from ocr_mcp.evaluation.scores import is_looping
from ocr_mcp.evaluation.summaries import Judged, judge, summaries
from ocr_mcp.evaluation.systems import Output
from ocr_mcp.model.documents import IssueCode, PageIssue
from tests.evaluation.systems import Scripted, say_nothing

pytestmark = pytest.mark.anyio


class Missing(Scripted):
    """A `System` that is not installed."""

    async def __aenter__(self) -> "Missing":
        raise EngineUnavailableError("It is not installed.", hint="Install it.")


def block(text: str, order: int = 1, kind: TruthKind = TruthKind.TEXT) -> TruthBlock:
    return TruthBlock(kind=kind, content=text, order=order)


def case(name: str, *blocks: TruthBlock, kind: str = "pages", tests: tuple[CaseTest, ...] = ()) -> Case:
    whole = "\n".join(each.content for each in blocks if each.kind is TruthKind.TEXT) or None
    return Case(name=name, source=f"{name}.png", kind=kind, blocks=blocks or None, whole=whole, tests=tests)


TABLE = "<table><tr><td>1</td></tr></table>"


async def judged(system: Scripted, *cases: Case) -> Judged:
    return judge(await run_system(system, cases, say_nothing), cases)


async def test_a_case_that_fails_is_the_worst_and_the_others_are_read() -> None:
    def answer(asked: Case) -> Output:
        if asked.name == "bad":
            raise CorruptSourceError("It is broken.")
        return Output(markdown="words", seconds=1)

    absent = CaseTest(name="t", kind="absent", page=1, rule={"type": "absent", "text": "x"})
    bad = case("bad", block("words"), block(TABLE, 2, TruthKind.TABLE), tests=(absent,))
    system = Scripted(answer)
    result = await judged(system, case("good", block("words")), bad)
    good, worst = result.scores
    assert (good.text, good.order, good.whole, good.failure) == (0, 0, 0, None)
    assert (worst.text, worst.order, worst.whole, worst.failure) == (1, 1, 1, "It is broken.")
    assert ([each.teds for each in worst.tables], [each.passed for each in worst.tests]) == ([0], [False])
    assert not system.is_open


async def test_a_system_that_is_not_there_is_a_problem_and_no_result() -> None:
    result = await judged(Missing(lambda _: Output(seconds=0)), case("a", block("words")))
    assert result.run.problem == "It is not installed. Install it."
    assert (result.scores, summaries([result])) == ((), [])


async def test_means_are_over_pages_and_tables_of_each_kind_and_of_all() -> None:
    cases = [
        case("a", block("abcd"), kind="x"),
        case("b", block("abcdefgh"), kind="x"),
        case("c", block("abcd"), kind="y"),
    ]
    answers = {"a": "abcd", "b": "abcdefxx", "c": "axxx"}
    result = await judged(Scripted(lambda asked: Output(markdown=answers[asked.name], seconds=2)), *cases)
    found = {each.kind: each for each in summaries([result])}
    assert [(kind, each.cases, each.text) for kind, each in found.items()] == [
        ("x", 2, pytest.approx((0 + 2 / 8) / 2)),
        ("y", 1, pytest.approx(3 / 4)),
        ("all", 3, pytest.approx((0 + 2 / 8 + 3 / 4) / 3)),
    ]
    assert found["x"].cpu_seconds is None
    assert found["all"].cpu_seconds is not None


async def test_loops_and_pages_that_were_read_again_are_counted() -> None:
    again = PageIssue(code=IssueCode.REREAD, message="The page was read again.")
    looping = "Some words. " + "and on and on " * 100
    outputs = {"a": Output(markdown=looping, seconds=1), "b": Output(markdown="words", seconds=1, issues=(again,))}
    result = await judged(
        Scripted(lambda asked: outputs[asked.name]), case("a", block("words")), case("b", block("words"))
    )
    (total,) = summaries([result])
    assert (total.looped, total.reread, total.failed) == (1, 1, 0)
    assert is_looping(looping)
    assert not is_looping("Every word of this text stands in it once or twice.")


async def test_the_table_shows_what_was_measured_and_the_list_the_worst_first() -> None:
    answers = {"a": "abcd", "b": "abxx", "c": "xxxx"}
    cases = [case(name, block("abcd")) for name in answers]
    result = await judged(Scripted(lambda asked: Output(markdown=answers[asked.name], seconds=1)), *cases)
    header, _, line = summary_table(summaries([result])).splitlines()
    assert [cell.strip() for cell in header.strip("|").split("|")][:6] == [
        "type",
        "read by",
        "pages",
        "text",
        "page",
        "order",
    ]
    assert [cell.strip() for cell in line.strip("|").split("|")][:6] == [
        "all",
        "scripted",
        "3",
        "0.500",
        "0.500",
        "0.000",
    ]
    assert [row.split()[:2] for row in worst_list(result, 5).splitlines()[1:]] == [["1.000", "c"], ["0.500", "b"]]


async def test_cpu_seconds_are_those_of_the_run() -> None:
    def work(_: Case) -> Output:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
        return Output(markdown="words", seconds=0.2)

    before = measure_cpu_seconds()
    result = await judged(Scripted(work), case("a", block("words")))
    assert 0.2 <= result.run.cpu_seconds <= measure_cpu_seconds() - before
