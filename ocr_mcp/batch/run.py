"""One document on its way from a source to its result, of which no more than a page is held."""

import time
from dataclasses import dataclass
from pathlib import Path

from ocr_mcp.app import OpenDocument, Reader
from ocr_mcp.batch.figure_files import FigureFiles
from ocr_mcp.batch.formats import WriterParts
from ocr_mcp.batch.observer import Observer
from ocr_mcp.batch.output import Product, Stream, open_product
from ocr_mcp.batch.plan import Job
from ocr_mcp.batch.report import DocumentError, DocumentReport, FailedPage, ReportStatus, shown
from ocr_mcp.batch.request import BatchRequest
from ocr_mcp.batch.summary import DocumentSummary, Tally
from ocr_mcp.batch.writers import DocumentWriter, encoded
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.errors import NotRegularFileError, OcrError, exit_code_of
from ocr_mcp.pipeline import PageResult

EXIT_PARTIAL = 1


@dataclass(frozen=True, slots=True)
class _Opened:
    """The facts of a document that could be opened. The document itself must not outlive its reading."""

    header: DocumentHeader
    asked: int
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, read: OpenDocument) -> "_Opened":
        source = read.source
        header = DocumentHeader(source=source.name, media_type=source.media_type, total_pages=source.page_count)
        return cls(header=header, asked=len(read.numbers), warnings=read.warnings)


class DocumentRun:
    """Reads one document, tells the observer, and knows afterwards what became of it.

    Nothing is written before the first page that could be read: a document that fails leaves no result.
    """

    def __init__(
        self,
        job: Job,
        request: BatchRequest,
        *,
        observer: Observer,
        stream: Stream,
        figures: FigureFiles | None,
        heading: str,
        is_alone: bool,
    ) -> None:
        self.status = ReportStatus.FAILED
        self._job, self._request = job, request
        self._observer, self._stream, self._figures = observer, stream, figures
        self._unwritten = [encoded(heading)] if job.output is None else []
        self._is_alone = is_alone
        self._tally = Tally()
        self._opened: _Opened | None = None
        self._error: OcrError | None = None
        self._started = time.monotonic()

    async def read(self, reader: Reader) -> int:
        """Read and write the whole document. Returns its exit code."""
        self._started = time.monotonic()
        try:
            if self._job.problem is not None:
                raise self._job.problem
            await self._write_all(reader)
        except OcrError as error:
            self._error = _with_folder_hint(error, self._job.path)
            self._observer.document_failed(self._summary())
            return error.exit_code
        return self._tell_result()

    def tell_stopped(self, *, cache_problem: str | None) -> None:
        """Tell the observer that the reading was cut short. `cache_problem` says why its pages are not kept."""
        self._observer.document_stopped(self._summary(cache_problem))

    def report(self, status: ReportStatus, exit_code: int) -> DocumentReport:
        """Return the line of the report."""
        opened, reading = self._opened, self._tally.last_reading
        return DocumentReport(
            source=shown(self._job.label),
            output=shown(self._job.output) if self._job.output is not None else None,
            status=status,
            pages_total=opened.header.total_pages if opened else None,
            pages_asked=opened.asked if opened else None,
            pages_read=self._tally.read,
            pages_from_text_layer=self._tally.from_text_layer,
            failed_pages=tuple(FailedPage(page=f.number, code=f.code, reason=f.reason) for f in self._tally.failures),
            warnings=opened.warnings if opened else (),
            engine=reading.identity.engine if reading else None,
            model=reading.identity.model if reading else None,
            seconds=round(time.monotonic() - self._started, 3),
            exit_code=exit_code,
            error=_described(self._error),
        )

    async def _write_all(self, reader: Reader) -> None:
        request = self._request
        opened = reader.reading(self._job.source, request.options, pages=request.pages, engine=request.engine)
        async with opened as read:
            self._opened = _Opened.of(read)
            writer = request.output_format.make_writer(WriterParts(read.source, self._figures))
            with open_product(self._job.output, self._stream) as product:
                try:
                    await self._write_pages(read, product, writer, self._opened)
                finally:
                    self._opened = _Opened.of(read)
                if not self._tally.read:
                    return
                await product.write(await writer.end(read.warnings))
                product.finish()
        self.status = ReportStatus.PARTIAL if self._tally.failures else ReportStatus.COMPLETE

    async def _write_pages(self, read: OpenDocument, product: Product, writer: DocumentWriter, opened: _Opened) -> None:
        self._unwritten.append(writer.begin(opened.header))
        self._observer.document_opened(self._name, opened.asked)
        async for result in read.results:
            self._unwritten.append(await writer.page(result))
            await self._write_page(result, product)

    async def _write_page(self, result: PageResult, product: Product) -> None:
        self._tally.add(result)
        if self._tally.read:
            data = b"".join(self._unwritten)
            self._unwritten.clear()
            await product.write(data)
        self._observer.page_done(result)

    def _tell_result(self) -> int:
        if self.status is ReportStatus.FAILED:
            self._observer.document_failed(self._summary())
            return exit_code_of(self._tally.failures[0].code)
        self._error = self._figures.problem if self._figures is not None else None
        self._observer.document_finished(self._summary())
        if self._error is not None:
            return self._error.exit_code
        return EXIT_PARTIAL if self._tally.failures else 0

    def _summary(self, cache_problem: str | None = None) -> DocumentSummary:
        return DocumentSummary(
            name=self._name,
            is_alone=self._is_alone,
            pages_asked=self._opened.asked if self._opened else None,
            tally=self._tally,
            warnings=self._opened.warnings if self._opened else (),
            error=self._error,
            cache_problem=cache_problem,
        )

    @property
    def _name(self) -> str:
        """The file's name, or its path where several are read."""
        if not self._is_alone or self._opened is None:
            return self._job.label
        return self._opened.header.source


def _with_folder_hint(error: OcrError, path: Path | None) -> OcrError:
    # A source does not know that a batch can read folders.
    if isinstance(error, NotRegularFileError) and path is not None and path.is_dir():
        return NotRegularFileError(
            error.message, hint="Name a file in it, or add --recursive to read every document in it."
        )
    return error


def _described(error: OcrError | None) -> DocumentError | None:
    return DocumentError(code=error.code, message=error.message, hint=error.hint) if error else None
