"""Load cases from a folder or a file, whose form decides how it is read."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ocr_mcp.errors import EmptySourceError, SourceError, SourceNotFoundError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.folders import MANIFEST_NAME, load_folder, load_manifest
from ocr_mcp.evaluation.olmocr_bench import load_olmocr_bench
from ocr_mcp.evaluation.omnidocbench import is_omnidocbench, load_omnidocbench
from ocr_mcp.files.access import display_name


def load_cases(path: Path) -> list[Case]:
    """Return the cases of a folder or of one file, each with a name of its own.

    Four forms are known: OmniDocBench's JSON, olmOCR-bench's jsonl files, a `manifest.json`, and pages with their
    ground truths beside them. Raises `SourceNotFoundError` for a path that is not there, `SourceError` for a file of
    another form, and `EmptySourceError` where there is no case.
    """
    if not path.exists():
        raise SourceNotFoundError(f"'{display_name(path)}' is not there.", hint="Check the path.")
    cases = _load_file(path) if path.is_file() else _load_any_folder(path)
    if not cases:
        raise EmptySourceError(
            f"There is nothing to measure in '{display_name(path.resolve())}'.",
            hint="docs/quality.md says how pages and their ground truths lie beside each other.",
        )
    return _make_names_unique(cases)


def _load_any_folder(folder: Path) -> list[Case]:
    manifest = folder / MANIFEST_NAME
    if manifest.is_file():
        return _load_file(manifest)
    benchmark = next((path for path in sorted(folder.glob("*.json")) if is_omnidocbench(_read_json(path))), None)
    if benchmark is not None:
        return _load_file(benchmark)
    if files := sorted(folder.glob("*.jsonl")):
        return load_olmocr_bench(files)
    return load_folder(folder)


def _load_file(path: Path) -> list[Case]:
    if path.suffix == ".jsonl":
        return load_olmocr_bench([path])
    value = _read_json(path)
    return load_omnidocbench(path, value) if is_omnidocbench(value) else load_manifest(path, value)


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise SourceError(
            f"'{display_name(path)}' is no JSON.", hint="Name a folder, or a JSON or jsonl file."
        ) from error


def _make_names_unique(cases: Sequence[Case]) -> list[Case]:
    """Add a number to names that come again, because results are kept under them."""
    seen: Counter[str] = Counter()
    named: list[Case] = []
    for case in cases:
        seen[case.name] += 1
        name = case.name if seen[case.name] == 1 else f"{case.name}-{seen[case.name]}"
        named.append(case.model_copy(update={"name": name}))
    return named
