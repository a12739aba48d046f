"""The work of `ocr-mcp read`: every source, one after the other, each to its own result."""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import anyio

from ocr_mcp.app import Reader
from ocr_mcp.batch.figure_files import FigureFiles
from ocr_mcp.batch.plan import Job, plan_jobs
from ocr_mcp.batch.report import Report, ReportStatus, open_report, shown
from ocr_mcp.batch.run import DocumentRun
from ocr_mcp.batch.writers import EXTENSIONS, make_writer
from ocr_mcp.cli.console import say, say_error
from ocr_mcp.cli.stopping import Stop, watch_reader
from ocr_mcp.errors import UsageError
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline import ReadOptions, Rotate, TextLayerPolicy
from ocr_mcp.runtime.background_tasks import companions
from ocr_mcp.settings import load_settings

EXIT_PARTIAL = 1

NEEDS_WORDS = (Task.MARKDOWN, Task.TEXT, Task.LINES)


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """The arguments of `ocr-mcp read`."""

    sources: tuple[str, ...]
    pages: str
    task: str
    output_format: str
    output: Path | None
    engine: str | None
    model: str | None
    text_layer: str
    rotate: str | None
    recursive: bool
    report: Path | None
    figures: Path | None
    verify: bool | None

    @property
    def options(self) -> ReadOptions:
        """What is asked of every page."""
        rotate = None if self.rotate is None else Rotate(self.rotate)
        text_layer = TextLayerPolicy(self.text_layer)
        return ReadOptions(task=Task(self.task), text_layer=text_layer, rotate=rotate, verify=self.verify)


async def read_sources(request: ReadRequest, stop: Stop) -> int:
    """Read them all. Returns the exit code."""
    settings = load_settings(model=request.model)
    extension = EXTENSIONS[request.output_format]
    jobs = plan_jobs(request.sources, recursive=request.recursive, output=request.output, extension=extension)
    _check_format(request, jobs)
    with open_report(request.report) as report:
        async with companions() as tasks, Reader(settings) as reader:
            if any(job.output is None for job in jobs):
                tasks.start_soon(watch_reader, stop)
            ends = [await _finish(_new_run(job, jobs, request), reader, report, stop) for job in jobs]
    if len(jobs) > 1:
        _say_total(Counter(status for status, _ in ends))
    codes = {code for _, code in ends}
    code = codes.pop() if len(codes) == 1 else EXIT_PARTIAL
    if report.problem is not None:
        say_error(report.problem)
        return code or report.problem.exit_code
    return code


def _new_run(job: Job, jobs: list[Job], request: ReadRequest) -> DocumentRun:
    return DocumentRun(
        job,
        options=request.options,
        pages=request.pages,
        engine=request.engine,
        writer=make_writer(request.output_format, _figure_files(job, jobs, request)),
        heading=_heading(job, jobs, request.output_format),
        is_alone=len(jobs) == 1,
    )


def _figure_files(job: Job, jobs: list[Job], request: ReadRequest) -> FigureFiles | None:
    """Where the figures of a document go: to the folder, or to one in it for each of several documents."""
    if request.figures is None:
        return None
    same = [other for other in jobs if other.place == job.place]
    place = job.place if len(same) == 1 else job.place.with_name(f"{job.place.name}-{same.index(job) + 1}")
    return FigureFiles(request.figures / (place if len(jobs) > 1 else ""), linked_from=job.output)


def _check_format(request: ReadRequest, jobs: list[Job]) -> None:
    """Raise `UsageError` for what cannot be written that way."""
    if request.figures is not None and request.output_format != "markdown":
        raise UsageError("--figures belongs to Markdown, which shows them.", hint="Leave one of the two out.")
    if request.output_format not in {"html", "pdf"}:
        return
    to_stdout = any(job.output is None for job in jobs)
    if to_stdout and len(jobs) > 1:
        raise UsageError(
            f"Several documents cannot be one {request.output_format} file.", hint="Name a folder with -o."
        )
    if request.output_format == "pdf" and to_stdout and sys.stdout.isatty():
        raise UsageError("A terminal cannot show a PDF.", hint="Name a file with -o.")
    if request.output_format == "pdf" and request.options.task not in NEEDS_WORDS:
        raise UsageError("A searchable PDF holds the words of its pages.", hint="Leave --task out.")


async def _finish(run: DocumentRun, reader: Reader, report: Report, stop: Stop) -> tuple[ReportStatus, int]:
    """One document to its end: what became of it, and its exit code. Its line is written also when it is stopped."""
    try:
        code = await run.read(reader)
    except anyio.get_cancelled_exc_class():
        if stop.signal is not None:
            run.say_stopped(cache_problem=reader.cache_problem)
        report.add(run.report(ReportStatus.STOPPED, stop.exit_code))
        raise
    report.add(run.report(run.status, code))
    return run.status, code


def _heading(job: Job, jobs: list[Job], output_format: str) -> str:
    """What stands before a document on stdout: its name where there are several, a form feed in plain text."""
    is_first = job is jobs[0]
    if output_format == "markdown" and len(jobs) > 1:
        name = shown(job.label).replace("-->", "-- >")
        return f"<!-- document {name} -->\n\n" if is_first else f"\n<!-- document {name} -->\n\n"
    return "\f" if output_format == "text" and not is_first else ""


def _say_total(counts: Counter[ReportStatus]) -> None:
    parts = [f"{counts[status]} {status.value}" for status in ReportStatus if counts[status]]
    say(f"ocr-mcp: {counts.total()} documents: {', '.join(parts)}")
