"""Load olmOCR-bench: jsonl files with one test a line, about pages of PDFs in the folder `pdfs` beside them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ocr_mcp.errors import SourceError
from ocr_mcp.evaluation.cases import Case, CaseTest
from ocr_mcp.files.access import display_name


def load_olmocr_bench(files: Sequence[Path]) -> list[Case]:
    """Return one case for each page and file; tests about PDFs that are not there are left out.

    Raises `SourceError` for a line that is no test.
    """
    tests: dict[tuple[Path, int, str], list[CaseTest]] = {}
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if line.strip():
                rule = _parse_rule(file, number, line)
                pdf = _find_pdf(file.parent, str(rule["pdf"]))
                if pdf is not None:
                    test = CaseTest(name=str(rule["id"]), kind=str(rule["type"]), page=int(rule["page"]), rule=rule)
                    tests.setdefault((pdf, test.page, file.stem), []).append(test)
    return [_make_case(*key, group) for key, group in tests.items()]


def _make_case(pdf: Path, page: int, kind: str, tests: list[CaseTest]) -> Case:
    return Case(
        name=f"{pdf.stem}-{page}",
        source=str(pdf),
        kind=kind,
        numbers=(page,),
        tests=tuple(tests),
        keeps_margins=False,
    )


def _parse_rule(file: Path, number: int, line: str) -> dict[str, Any]:
    try:
        rule = json.loads(line)
        missing = [key for key in ("pdf", "page", "id", "type") if key not in rule]
    except (ValueError, TypeError) as error:
        raise _describe_invalid_test(file, number, str(error)) from error
    if missing:
        raise _describe_invalid_test(file, number, f"it has no '{missing[0]}'")
    return rule


def _describe_invalid_test(file: Path, number: int, why: str) -> SourceError:
    return SourceError(
        f"Line {number} of '{display_name(file)}' is no test of olmOCR-bench: {why}.",
        hint="Take the jsonl files of the benchmark as they are.",
    )


def _find_pdf(folder: Path, name: str) -> Path | None:
    return next((place for place in (folder / "pdfs" / name, folder / name) if place.is_file()), None)
