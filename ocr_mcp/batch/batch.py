"""Reads many documents, one after the other, each to its own result."""

from collections.abc import Callable
from dataclasses import dataclass

import anyio

from ocr_mcp.app import Reader
from ocr_mcp.batch.figure_files import FigureFiles
from ocr_mcp.batch.observer import Observer
from ocr_mcp.batch.output import Stream
from ocr_mcp.batch.plan import Job, plan_jobs
from ocr_mcp.batch.report import Report, ReportStatus, open_report, shown
from ocr_mcp.batch.request import BatchRequest, check_request
from ocr_mcp.batch.run import DocumentRun
from ocr_mcp.errors import OutputError

EXIT_STOPPED = 130
"""The exit code that shells give a program that Ctrl-C ended."""


@dataclass(frozen=True, slots=True)
class DocumentEnd:
    """The end of one document, with the exit code that a program for this document alone would have."""

    status: ReportStatus
    exit_code: int


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The ends of all documents in their order, and why lines of the report are missing (None: they are not)."""

    ends: tuple[DocumentEnd, ...]
    report_problem: OutputError | None


async def read_batch(
    reader: Reader,
    request: BatchRequest,
    *,
    observer: Observer,
    stream: Stream,
    stopped_exit_code: Callable[[], int] = lambda: EXIT_STOPPED,
) -> BatchResult:
    """Read every document of the request; one that fails stops no other.

    Cancel it to stop: the document that is being read then still gets its line in the report, with
    `stopped_exit_code`. Raises `UsageError` and `OutputError` for a request that cannot work, before anything is read.
    """
    suffix = request.output_format.suffix
    jobs = plan_jobs(request.sources, recursive=request.recursive, output=request.output, extension=suffix)
    check_request(request, jobs, stream)
    with open_report(request.report) as report:
        batch = _Batch(reader, request, jobs, report, stopped_exit_code)
        ends = [await batch.read(batch.run(job, observer, stream)) for job in jobs]
    return BatchResult(tuple(ends), report.problem)


@dataclass(frozen=True, slots=True)
class _Batch:
    reader: Reader
    request: BatchRequest
    jobs: list[Job]
    report: Report
    stopped_exit_code: Callable[[], int]

    async def read(self, run: DocumentRun) -> DocumentEnd:
        """Read one document and report it, also when it is stopped."""
        try:
            exit_code = await run.read(self.reader)
        except anyio.get_cancelled_exc_class():
            run.tell_stopped(cache_problem=self.reader.cache_problem)
            self.report.add(run.report(ReportStatus.STOPPED, self.stopped_exit_code()))
            raise
        self.report.add(run.report(run.status, exit_code))
        return DocumentEnd(run.status, exit_code)

    def run(self, job: Job, observer: Observer, stream: Stream) -> DocumentRun:
        """Make a document ready to be read."""
        return DocumentRun(
            job,
            self.request,
            observer=observer,
            stream=stream,
            figures=self._figure_files(job),
            heading=self._heading(job),
            is_alone=len(self.jobs) == 1,
        )

    def _figure_files(self, job: Job) -> FigureFiles | None:
        """The folder for the figures of a document: that of the request, or one in it for each of several."""
        folder = self.request.figures
        if folder is None:
            return None
        same = [other for other in self.jobs if other.place == job.place]
        place = job.place if len(same) == 1 else job.place.with_name(f"{job.place.name}-{same.index(job) + 1}")
        return FigureFiles(folder / (place if len(self.jobs) > 1 else ""), linked_from=job.output)

    def _heading(self, job: Job) -> str:
        """The text before a document in a stream that it shares with others."""
        chosen = self.request.output_format
        separator = "" if job is self.jobs[0] else chosen.separator
        heading = chosen.heading if len(self.jobs) > 1 else ""
        return separator + heading.format(name=shown(job.label).replace("-->", "-- >"))
