"""What a folder or a file holds to be judged by, recognised by its form."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ocr_mcp.errors import EmptySourceError, SourceError, SourceNotFoundError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.folders import MANIFEST, load_folder, load_manifest
from ocr_mcp.evaluation.olmocr_bench import load_olmocr_bench
from ocr_mcp.evaluation.omnidocbench import is_omnidocbench, load_omnidocbench
from ocr_mcp.files.access import display_name


def load_cases(path: Path) -> list[Case]:
    """The cases of a folder, or of one file in it, told apart by their names.

    Recognised are OmniDocBench's JSON, olmOCR-bench's jsonl files, a `manifest.json`, and pages with their ground
    truths beside them. Raises `SourceNotFoundError`, `SourceError`, or `EmptySourceError` where there is nothing.
    """
    if not path.exists():
        raise SourceNotFoundError(f"'{display_name(path)}' is not there.", hint="Check the path.")
    cases = _of_file(path) if path.is_file() else _of_folder(path)
    if not cases:
        raise EmptySourceError(
            f"There is nothing to measure in '{display_name(path.resolve())}'.",
            hint="docs/quality.md says how pages and their ground truths lie beside each other.",
        )
    return _told_apart(cases)


def _of_folder(folder: Path) -> list[Case]:
    manifest = folder / MANIFEST
    if manifest.is_file():
        return _of_file(manifest)
    benchmark = next((path for path in sorted(folder.glob("*.json")) if is_omnidocbench(_json(path))), None)
    if benchmark is not None:
        return _of_file(benchmark)
    if files := sorted(folder.glob("*.jsonl")):
        return load_olmocr_bench(files)
    return load_folder(folder)


def _of_file(path: Path) -> list[Case]:
    if path.suffix == ".jsonl":
        return load_olmocr_bench([path])
    value = _json(path)
    return load_omnidocbench(path, value) if is_omnidocbench(value) else load_manifest(path, value)


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise SourceError(
            f"'{display_name(path)}' is no JSON.", hint="Name a folder, or a JSON or jsonl file."
        ) from error


def _told_apart(cases: Sequence[Case]) -> list[Case]:
    """Names are made unique with a number, because results are kept under them."""
    seen: Counter[str] = Counter()
    named: list[Case] = []
    for case in cases:
        seen[case.name] += 1
        name = case.name if seen[case.name] == 1 else f"{case.name}-{seen[case.name]}"
        named.append(case.model_copy(update={"name": name}))
    return named
