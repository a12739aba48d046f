"""One document on its way from a source to its result, of which no more than a page is held."""

import time
from dataclasses import dataclass
from pathlib import Path

from ocr_mcp.app import DocumentRead, Reader
from ocr_mcp.batch.output import Product, open_product
from ocr_mcp.batch.plan import Job
from ocr_mcp.batch.report import DocumentError, DocumentReport, FailedPage, ReportStatus, shown
from ocr_mcp.batch.summary import Tally
from ocr_mcp.batch.writers import DocumentWriter, encoded
from ocr_mcp.cli.console import count_pages, say, say_error, say_failures, say_summary
from ocr_mcp.cli.progress import PageProgress, page_progress
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.errors import NotRegularFileError, OcrError, exit_code_of
from ocr_mcp.parsing.joining.continued_tables import TableTail, follow_tables
from ocr_mcp.pipeline import PageResult, ReadOptions

EXIT_PARTIAL = 1


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is known of a document that could be opened. The document itself must not outlive its reading."""

    header: DocumentHeader
    asked: int
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, read: DocumentRead) -> "_Opened":
        source = read.source
        header = DocumentHeader(source=source.name, media_type=source.media_type, total_pages=source.page_count)
        return cls(header=header, asked=len(read.numbers), warnings=read.warnings)


class DocumentRun:
    """Reads one document, says what there is to say of it, and knows afterwards what became of it.

    Nothing is written before the first page that could be read: a document that fails leaves no result.
    """

    def __init__(
        self,
        job: Job,
        *,
        options: ReadOptions,
        pages: str,
        engine: str | None,
        writer: DocumentWriter,
        heading: str,
        is_alone: bool,
    ) -> None:
        self.status = ReportStatus.FAILED
        self._job = job
        self._options, self._pages, self._engine = options, pages, engine
        self._writer = writer
        self._unwritten = [encoded(heading)] if job.output is None else []
        self._about = "" if is_alone else job.label
        self._tally = Tally()
        self._tail: TableTail | None = None
        self._opened: _Opened | None = None
        self._error: OcrError | None = None
        self._started = time.monotonic()

    async def read(self, reader: Reader) -> int:
        """The whole way. Returns the exit code."""
        self._started = time.monotonic()
        try:
            if self._job.problem is not None:
                raise self._job.problem
            await self._write_all(reader)
        except OcrError as error:
            self._error = _with_folder_hint(error, self._job.path)
            say_error(self._error, about=self._about)
            return error.exit_code
        return self._say_result()

    def say_stopped(self, *, cache_problem: str | None) -> None:
        """How far it came, and how to go on."""
        about = f"{self._about}: " if self._about else ""
        if self._opened is None or not self._tally.done:
            say(f"ocr-mcp: {about}Stopped before the first page.")
            return
        kept = "They are kept: run the same command again to go on."
        if cache_problem is not None:
            kept = f"They are not kept, so the same command begins anew. {cache_problem}"
        say(f"ocr-mcp: {about}Stopped after {self._tally.done} of {count_pages(self._opened.asked)}. {kept}")

    def report(self, status: ReportStatus, exit_code: int) -> DocumentReport:
        """What became of it, for a program."""
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
        opened = reader.reading(self._job.source, self._options, pages=self._pages, engine=self._engine)
        async with opened as read:
            self._opened = _Opened.of(read)
            with open_product(self._job.output) as product:
                try:
                    await self._write_pages(read, product, self._opened)
                finally:
                    self._opened = _Opened.of(read)
                if not self._tally.read:
                    return
                await product.write(await self._writer.end(read))
                product.finish()
        self.status = ReportStatus.PARTIAL if self._tally.failures else ReportStatus.COMPLETE

    async def _write_pages(self, read: DocumentRead, product: Product, opened: _Opened) -> None:
        self._unwritten.append(self._writer.begin(opened.header))
        with page_progress(self._name, opened.asked) as progress:
            async for page in read.results:
                result, self._tail = follow_tables(page, self._tail)
                self._unwritten.append(await self._writer.page(result, read.source))
                await self._write_page(result, product, progress)

    async def _write_page(self, result: PageResult, product: Product, progress: PageProgress) -> None:
        self._tally.add(result)
        if self._tally.read:
            data = b"".join(self._unwritten)
            self._unwritten.clear()
            with progress.hidden():
                await product.write(data)
        progress.page_done(result)

    def _say_result(self) -> int:
        if self.status is ReportStatus.FAILED:
            return self._say_failed()
        say_summary(self._name, self._tally, self._opened.warnings if self._opened else ())
        if self._writer.problem is not None:
            self._error = self._writer.problem
            say_error(self._error, about=self._about)
            return self._error.exit_code
        return EXIT_PARTIAL if self._tally.failures else 0

    def _say_failed(self) -> int:
        """Nothing could be read: if for one reason, that is all there is to say."""
        first = self._tally.failures[0]
        if len(list(self._tally.failure_notes())) == 1:
            say_error(OcrError(first.reason, hint=first.hint), about=self._name)
        else:
            say_failures(self._tally)
            say(f"ocr-mcp: {self._name}: no page could be read.")
        return exit_code_of(first.code)

    @property
    def _name(self) -> str:
        """The file's name, or its path where several are read."""
        return self._about or (self._opened.header.source if self._opened else self._job.label)


def _with_folder_hint(error: OcrError, path: Path | None) -> OcrError:
    """A source does not know that the command line can read folders."""
    if isinstance(error, NotRegularFileError) and path is not None and path.is_dir():
        return NotRegularFileError(
            error.message, hint="Name a file in it, or add --recursive to read every document in it."
        )
    return error


def _described(error: OcrError | None) -> DocumentError | None:
    return DocumentError(code=error.code, message=error.message, hint=error.hint) if error else None
