"""Decides which documents are read and where each result goes, before anything is read."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ocr_mcp.errors import AccessDeniedError, EmptySourceError, OcrError, UsageError
from ocr_mcp.files.access import display_name
from ocr_mcp.files.references import InlineData, LocalFile, RemoteUrl, parse_reference

ENDINGS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
"""Endings of the files that are read in a folder. A file that is named is known by its first bytes."""

STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Job:
    """One document to read, or a `problem` in its place. `output` None is the stream.

    `place` is the document's path below the output folder, with its ending. `path` is its place on the disk, None for
    sources that are no files. With `keeps_ending` the result is `a.pdf.md` instead of `a.md`.
    """

    source: str
    label: str
    place: Path
    path: Path | None = None
    output: Path | None = None
    problem: OcrError | None = None
    keeps_ending: bool = field(default=False, compare=False)


def plan_jobs(sources: Sequence[str], *, recursive: bool, output: Path | None, extension: str) -> list[Job]:
    """Return the documents in the order of `sources`, those of a folder in the order of their names.

    Raises `UsageError` where two results would go to one file, or a result would replace a source.
    """
    jobs = [job for source in sources for job in _found(source, recursive=recursive, alone=len(sources) == 1)]
    if output is None or output == STDOUT:
        return jobs
    if len(jobs) == 1 and not output.is_dir() and jobs[0].path == _path_of(sources[0]):
        placed = [replace(jobs[0], output=output)]
    else:
        _check_folder(output)
        placed = [replace(job, output=output / _named(job, extension)) for job in _told_apart(jobs, extension)]
    _check_outputs(placed)
    return placed


def _found(source: str, *, recursive: bool, alone: bool) -> Iterator[Job]:
    path = _path_of(source)
    if recursive and path is not None and path.is_dir():
        # This is what `cp -r` does: one folder is copied into the other; of several, each keeps its name.
        top = Path() if alone else Path(path.resolve().name)
        yield from _in_folder(path, top)
    else:
        yield Job(source=source, label=_label(source, path), place=_place(source, path), path=path)


def _path_of(source: str) -> Path | None:
    """Return the path of a local source; None for others, and for text that is no reference: reading it says why."""
    try:
        reference = parse_reference(source)
    except OcrError:
        return None
    return reference.path if isinstance(reference, LocalFile) else None


def _label(source: str, path: Path | None) -> str:
    return str(path) if path is not None else source if len(source) <= 100 else f"{source[:40]}…"


def _place(source: str, path: Path | None) -> Path:
    if path is not None:
        return Path(path.name or "document")
    try:
        reference = parse_reference(source)
    except OcrError:
        return Path("document")
    match reference:
        case RemoteUrl(url):
            return Path(Path(unquote(urlsplit(url).path)).name or "document")
        case InlineData() | LocalFile():
            return Path("document")


def _in_folder(folder: Path, top: Path) -> Iterator[Job]:
    """Yield every document below a folder, by name, without hidden files and linked folders."""
    denied: list[OSError] = []
    count = 0
    for parent, folders, names in os.walk(folder, onerror=denied.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.suffix.lower() in ENDINGS:
                count += 1
                yield Job(source=str(path), label=str(path), place=top / path.relative_to(folder), path=path)
    yield from (_problem(Path(error.filename), _unsearchable(error)) for error in denied)
    if not count and not denied:
        yield _problem(folder, _nothing_in(folder))


def _problem(folder: Path, problem: OcrError) -> Job:
    return Job(source=str(folder), label=str(folder), place=Path(folder.name), path=folder, problem=problem)


def _unsearchable(error: OSError) -> OcrError:
    name = display_name(Path(error.filename))
    return AccessDeniedError(
        f"The folder '{name}' could not be searched: {error.strerror}.", hint="Check the folder's permissions."
    )


def _nothing_in(folder: Path) -> OcrError:
    kinds = ", ".join(sorted(ending.removeprefix(".") for ending in ENDINGS))
    name = display_name(folder.resolve())
    return EmptySourceError(f"There is no PDF or picture in '{name}'.", hint=f"Files that end in {kinds} are read.")


def _told_apart(jobs: list[Job], extension: str) -> list[Job]:
    """Give each job a place of its own.

    `a.pdf` and `a.png` keep their endings, see `_named`. Files of one name from several folders keep the folders in
    which they differ.
    """
    while same := {i for group in _same(jobs, extension) for i in group if not jobs[i].keeps_ending}:
        jobs = [replace(job, keeps_ending=True) if i in same else job for i, job in enumerate(jobs)]
    for group in _same(jobs, extension):
        paths = [job.path.resolve() for job in (jobs[i] for i in group) if job.path is not None]
        if len(paths) == len(group):
            common = os.path.commonpath([path.parent for path in paths])
            for i, path in zip(group, paths, strict=True):
                jobs[i] = replace(jobs[i], place=path.relative_to(common))
    return jobs


def _same(jobs: Sequence[Job], extension: str) -> list[list[int]]:
    """Return groups of indexes of jobs whose results would have the same name."""
    named: dict[Path, list[int]] = {}
    for i, job in enumerate(jobs):
        if job.problem is None:
            named.setdefault(_named(job, extension), []).append(i)
    return [group for group in named.values() if len(group) > 1]


def _named(job: Job, extension: str) -> Path:
    """Return `scans/a.md`, or `scans/a.pdf.md` where `scans/a.png` is read too."""
    if job.keeps_ending:
        return job.place.with_name(f"{job.place.name}.{extension}")
    return job.place.with_name(f"{job.place.stem}.{extension}")


def _check_folder(output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise UsageError(
            f"'{output}' is a file, and several results need a folder.", hint="Name a folder with -o, new or old."
        )


def _check_outputs(jobs: Iterable[Job]) -> None:
    jobs = [job for job in jobs if job.problem is None]
    sources = {job.path.resolve(): job for job in jobs if job.path is not None}
    taken: dict[Path, Job] = {}
    for job in jobs:
        if job.output is None:
            continue
        target = job.output.resolve()
        if target in sources:
            raise UsageError(
                f"The result would replace the source '{sources[target].label}'.", hint="Choose another place with -o."
            )
        if target in taken:
            raise UsageError(
                f"'{taken[target].label}' and '{job.label}' would both be written to '{job.output}'.",
                hint="Name each source once, or read them in two calls.",
            )
        taken[target] = job
