"""The work of `ocr-mcp eval`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr_mcp.cli.console import count_pages, say, write_stdout
from ocr_mcp.errors import PageRangeError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.extras import check_installed
from ocr_mcp.evaluation.loading import load_cases
from ocr_mcp.evaluation.mode_report import mode_summaries, mode_tables
from ocr_mcp.evaluation.mode_systems import ModeSystem
from ocr_mcp.evaluation.modes import MODES, ModeName
from ocr_mcp.evaluation.own import OwnSystem
from ocr_mcp.evaluation.peers import make_peer
from ocr_mcp.evaluation.report import summary_table, tests_table, worst_list
from ocr_mcp.evaluation.runs import run_system
from ocr_mcp.evaluation.saved import save_outputs, write_json
from ocr_mcp.evaluation.summaries import Judged, judge, summaries
from ocr_mcp.evaluation.systems import Output, System
from ocr_mcp.model.page_ranges import parse_page_list
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline import ReadOptions, TextLayerPolicy
from ocr_mcp.settings import Settings, load_settings

EXIT_PARTIAL = 1
_MAX_PAGES = 10_000
"""Upper bound of a document's pages, for ranges without an end."""


@dataclass(frozen=True, slots=True)
class EvalRequest:
    """The arguments of `ocr-mcp eval`."""

    folder: Path
    engine: str | None
    model: str | None
    task: str
    text_layer: TextLayerPolicy
    modes: tuple[str, ...]
    against: tuple[str, ...]
    pages: str
    limit: int | None
    types: tuple[str, ...]
    worst: int
    json: Path | None
    save: Path | None


async def evaluate(request: EvalRequest) -> int:
    """Read the pages, judge them and show the figures. Returns the exit code: 1 where a page failed."""
    check_installed()
    settings = load_settings(engine=request.engine, model=request.model)
    systems = _systems(request, settings)
    cases = _chosen(load_cases(request.folder), request)
    judged: list[Judged] = []
    for system in systems:
        run = await run_system(system, cases, _CaseProgress(system.name, len(cases)))
        if run.problem is not None:
            say(f"ocr-mcp: {run.system} is left out: {run.problem}")
        judged.append(judge(run, cases))
    _write(request, cases, judged)
    write_stdout(_shown(judged, request))
    own = judged[: max(1, len(request.modes))]
    failed = any(each.run.problem is not None or any(score.failure for score in each.scores) for each in own)
    return EXIT_PARTIAL if failed else 0


def _systems(request: EvalRequest, settings: Settings) -> list[System]:
    """Return our own system first, in each mode that is asked for, then the others."""
    options = ReadOptions(task=Task(request.task), text_layer=request.text_layer)
    name = f"ocr-mcp, {settings.engine}" + (f" {settings.model}" if settings.model else "")
    own: list[System] = [ModeSystem(MODES[ModeName(mode)], settings, options) for mode in request.modes]
    return [*(own or [OwnSystem(name, settings, options)]), *(make_peer(each, settings) for each in request.against)]


def _chosen(cases: Sequence[Case], request: EvalRequest) -> list[Case]:
    """Return the cases of the types and pages that are asked for, the first `limit` of each type."""
    found = [case for case in cases if not request.types or case.kind in request.types]
    found = [case for case in found if _are_among(request.pages, case)]
    if not found:
        kinds = ", ".join(sorted({case.kind for case in cases}))
        raise PageRangeError("There is no page of that type and number.", hint=f"The types are {kinds}.")
    taken: dict[str, int] = {}
    kept: list[Case] = []
    for case in found:
        taken[case.kind] = taken.get(case.kind, 0) + 1
        if request.limit is None or taken[case.kind] <= request.limit:
            kept.append(case)
    return kept


def _are_among(pages: str, case: Case) -> bool:
    """Return True if the case is about pages that are asked for. Whole documents need `all`."""
    if pages.strip().lower() == "all":
        return True
    return case.numbers is not None and set(case.numbers) <= set(parse_page_list(pages, total=_MAX_PAGES))


class _CaseProgress:
    """Says each case on stderr as it is read."""

    def __init__(self, system: str, total: int) -> None:
        self._system = system
        self._total = total
        self._done = 0

    def __call__(self, case: Case, output: Output) -> None:
        self._done += 1
        end = f"failed: {output.failure}" if output.failure else f"{count_pages(output.pages)}, {output.seconds:.1f} s"
        say(f"ocr-mcp: {self._system}: {self._done} of {self._total}: {case.name}: {end}")


def _write(request: EvalRequest, cases: Sequence[Case], judged: Sequence[Judged]) -> None:
    if request.json is not None:
        modes = mode_summaries(judged[: len(request.modes)])
        write_json(request.json, summaries(judged), judged, modes=modes)
    if request.save is not None:
        save_outputs(request.save, cases, judged)


def _shown(judged: Sequence[Judged], request: EvalRequest) -> str:
    found = summaries(judged)
    parts = [summary_table(found), tests_table(found)] if found else []
    parts += [mode_tables(judged[: len(request.modes)])] if request.modes else []
    parts += [worst_list(judged[0], request.worst)] if judged[0].scores and request.worst else []
    return "\n\n".join(part for part in parts if part)
