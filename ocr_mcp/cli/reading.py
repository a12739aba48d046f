"""The work of `read`, `chart` and `engines`."""

from dataclasses import dataclass
from pathlib import Path

from ocr_mcp.app import DocumentRead, EngineStatus, Reader, ReadFigure
from ocr_mcp.cli.console import page_progress, say, say_error, say_summary
from ocr_mcp.cli.output import output_path, write_file, write_stdout
from ocr_mcp.emitters.figures import figure_to_csv, figure_to_markdown
from ocr_mcp.emitters.json_document import document_to_json
from ocr_mcp.emitters.markdown import document_to_markdown
from ocr_mcp.emitters.text import document_to_text
from ocr_mcp.errors import OcrError, UsageError, exit_code_of
from ocr_mcp.model.documents import Document, DocumentStatus
from ocr_mcp.model.geometry import BoundingBox, ordered_box
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline import PageResult, ReadOptions, TextLayerPolicy
from ocr_mcp.settings import load_settings

EXIT_PARTIAL = 1

EMIT = {"markdown": document_to_markdown, "text": document_to_text, "json": document_to_json}
EXTENSIONS = {"markdown": "md", "text": "txt", "json": "json"}


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

    @property
    def options(self) -> ReadOptions:
        """What is asked of every page."""
        return ReadOptions(task=Task(self.task), text_layer=TextLayerPolicy(self.text_layer))


async def read_sources(request: ReadRequest) -> int:
    """Read every source, one after the other, each to its own result. Returns the exit code."""
    async with Reader(load_settings(model=request.model)) as reader:
        return _joined([await _read_source(reader, source, request) for source in request.sources])


def _joined(codes: list[int]) -> int:
    """One code for several sources: theirs if they agree, else "some failed"."""
    return codes[0] if len(set(codes)) == 1 else EXIT_PARTIAL


async def _read_source(reader: Reader, source: str, request: ReadRequest) -> int:
    about = source if len(request.sources) > 1 else ""
    try:
        document = await _read(reader, source, request)
        if document.status is DocumentStatus.FAILED:
            return _say_failed(document)
        _write(document, source, request)
    except OcrError as error:
        say_error(error, about=about)
        return error.exit_code
    say_summary(document)
    return EXIT_PARTIAL if document.failures else 0


async def _read(reader: Reader, source: str, request: ReadRequest) -> Document:
    async with reader.reading(source, request.options, pages=request.pages, engine=request.engine) as read:
        return read.document(await _collect(read))


async def _collect(read: DocumentRead) -> list[PageResult]:
    results: list[PageResult] = []
    with page_progress(read.source.name, len(read.numbers)) as progress:
        async for result in read.results:
            results.append(result)
            progress.page_done()
    return results


def _say_failed(document: Document) -> int:
    """Nothing could be read: say each reason once."""
    reasons = {(failure.code, failure.reason, failure.hint): failure for failure in document.failures}
    for failure in reasons.values():
        say(f"ocr-mcp: {document.source}: {failure.reason}")
        if failure.hint:
            say(f"  {failure.hint}")
    return exit_code_of(document.failures[0].code)


def _write(document: Document, source: str, request: ReadRequest) -> None:
    text = EMIT[request.output_format](document)
    if request.output is None:
        write_stdout(text)
        return
    target = request.output
    if len(request.sources) > 1 or target.is_dir():
        target = output_path(target, source, EXTENSIONS[request.output_format])
    write_file(target, text if text.endswith("\n") else text + "\n")


async def read_chart(
    source: str, page: int, region: str | None, output_format: str, *, engine: str | None, model: str | None
) -> int:
    """Read one figure. Returns the exit code."""
    async with Reader(load_settings(model=model)) as reader:
        read = await reader.read_figure(source, page, region=_region(region), engine=engine)
    write_stdout(_chart_text(read, output_format))
    for warning in (*read.warnings, *(issue.message for issue in read.issues)):
        say(f"ocr-mcp: {warning}")
    identity = read.reading.identity
    say(f"ocr-mcp: a {read.figure.kind.value}, read by {identity.engine} ({identity.model})")
    return 0


def _region(region: str | None) -> BoundingBox | None:
    if region is None:
        return None
    try:
        left, top, right, bottom = (float(edge) for edge in region.split(","))
    except ValueError as error:
        raise UsageError(f"'{region}' is no region.", hint="Write it as left,top,right,bottom.") from error
    return ordered_box(left, top, right, bottom)


def _chart_text(read: ReadFigure, output_format: str) -> str:
    match output_format:
        case "json":
            return read.figure.model_dump_json(indent=2)
        case "csv" if read.figure.records:
            return figure_to_csv(read.figure)
        case _:
            return figure_to_markdown(read.figure)


async def show_engines() -> int:
    """One paragraph an engine. Returns the exit code: 0 if any is ready."""
    async with Reader(load_settings()) as reader:
        statuses = await reader.engine_statuses()
    write_stdout("\n".join(_engine_line(status) for status in statuses))
    return 0


def _engine_line(status: EngineStatus) -> str:
    if status.identity is None:
        problem = status.problem
        return (
            f"{status.name:9} not ready  {problem.message} {problem.hint}" if problem else f"{status.name:9} not ready"
        )
    identity = status.identity
    facts = [identity.model, identity.version, identity.host, identity.device and identity.device.value]
    return f"{status.name:9} ready      {', '.join(fact for fact in facts if fact)}"
