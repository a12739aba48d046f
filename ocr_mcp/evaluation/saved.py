"""Write outputs and figures to files."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ocr_mcp.errors import OutputError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.mode_report import ModeSummary
from ocr_mcp.evaluation.summaries import Judged, Summary

_UNSAFE = re.compile(r"[^\w.+-]+")


def save_outputs(folder: Path, cases: Sequence[Case], judged: Sequence[Judged]) -> None:
    """Write each output to `SYSTEM/CASE.md` and the ground truth to `truth/CASE.md`. Raises `OutputError`."""
    for case in cases:
        _write(folder / "truth" / f"{make_file_name(case.name)}.md", format_truth(case))
    for each in judged:
        for case, output in zip(cases, each.run.outputs, strict=False):
            text = output.markdown if output.failure is None else f"> {output.failure}"
            _write(folder / make_file_name(each.run.system) / f"{make_file_name(case.name)}.md", text)


def format_truth(case: Case) -> str:
    """Return the ground truth and the tests of a case, for a person to read."""
    blocks = sorted(case.blocks or (), key=lambda block: block.order or 0)
    parts = [block.content for block in blocks] or ([case.whole] if case.whole else [])
    tests = [f"- {json.dumps(test.rule, ensure_ascii=False)}" for test in case.tests]
    return "\n\n".join((*parts, *tests))


def make_file_name(name: str) -> str:
    """Return a name that any file system takes."""
    return _UNSAFE.sub("-", name).strip("-.") or "unnamed"


def write_json(
    path: Path, summaries: Sequence[Summary], judged: Sequence[Judged], *, modes: Sequence[ModeSummary] = ()
) -> None:
    """Write `summaries`, `modes` where there are any, and each case of each system. Raises `OutputError`."""
    values: dict[str, object] = {"summaries": [each.model_dump(mode="json") for each in summaries]}
    if modes:
        values["modes"] = [each.model_dump(mode="json") for each in modes]
    values["systems"] = [_dump_system(each) for each in judged]
    _write(path, json.dumps(values, ensure_ascii=False, indent=1) + "\n")


def _dump_system(judged: Judged) -> dict[str, object]:
    run = judged.run
    cases = [
        score.model_dump(mode="json") | output.model_dump(mode="json", exclude={"markdown", "failure"})
        for score, output in zip(judged.scores, run.outputs, strict=True)
    ]
    facts = {"problem": run.problem, "seconds": run.seconds, "cpu_seconds": run.cpu_seconds}
    return {"system": run.system, **facts, "cases": cases}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"'{path}' could not be written: {error.strerror}.", hint="Choose another place.") from error
