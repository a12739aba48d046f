"""The work of `ocr-mcp read`: arguments become a batch request, and its results an exit code."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ocr_mcp.app import Reader
from ocr_mcp.batch.batch import BatchResult, read_batch
from ocr_mcp.batch.formats import FORMATS
from ocr_mcp.batch.report import ReportStatus
from ocr_mcp.batch.request import BatchRequest
from ocr_mcp.cli.console import say, say_error
from ocr_mcp.cli.stdout import StdoutStream
from ocr_mcp.cli.stopping import Stop, watch_reader
from ocr_mcp.cli.terminal_observer import terminal_observer
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline import ReadOptions, Rotate, TextLayerPolicy
from ocr_mcp.runtime.background_tasks import companions
from ocr_mcp.settings import load_settings

EXIT_PARTIAL = 1


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
    text_layer: TextLayerPolicy
    rotate: Rotate | None
    recursive: bool
    report: Path | None
    figures: Path | None
    verify: bool | None

    @property
    def batch(self) -> BatchRequest:
        """The documents to read, and how to read and write them."""
        return BatchRequest(
            sources=self.sources,
            output_format=FORMATS[self.output_format],
            options=ReadOptions(
                task=Task(self.task), text_layer=self.text_layer, rotate=self.rotate, verify=self.verify
            ),
            pages=self.pages,
            engine=self.engine,
            output=self.output,
            recursive=self.recursive,
            report=self.report,
            figures=self.figures,
        )


async def read_sources(request: ReadRequest, stop: Stop) -> int:
    """Read every source. Returns the exit code."""
    settings, batch = load_settings(model=request.model), request.batch
    with terminal_observer(stop) as observer:
        async with companions() as tasks, Reader(settings) as reader:
            if batch.uses_stream:
                tasks.start_soon(watch_reader, stop)
            result = await read_batch(
                reader,
                batch,
                observer=observer,
                stream=StdoutStream(observer.hiding),
                stopped_exit_code=lambda: stop.exit_code,
            )
    return _exit_code(result)


def _exit_code(result: BatchResult) -> int:
    """Say what there is to say of the whole batch. Returns the code of all documents, or 1 where they differ."""
    if len(result.ends) > 1:
        _say_total(Counter(end.status for end in result.ends))
    codes = {end.exit_code for end in result.ends}
    code = codes.pop() if len(codes) == 1 else EXIT_PARTIAL
    if result.report_problem is not None:
        say_error(result.report_problem)
        return code or result.report_problem.exit_code
    return code


def _say_total(counts: Counter[ReportStatus]) -> None:
    parts = [f"{counts[status]} {status.value}" for status in ReportStatus if counts[status]]
    say(f"ocr-mcp: {counts.total()} documents: {', '.join(parts)}")
