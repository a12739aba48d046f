"""Writes results to files: in the folders that the user named for them, in the format of the suffix."""

import errno
import hashlib
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from ocr_mcp.app import Reader
from ocr_mcp.batch.formats import OutputFormat, WriterParts, format_of_suffix
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.errors import OcrError, OutputError, SourceChangedError, UsageError
from ocr_mcp.files.access import display_name
from ocr_mcp.files.atomic_file import AtomicFile
from ocr_mcp.files.output_policy import OutputPolicy, open_new_file
from ocr_mcp.jobs.job import Asked, DocumentJob
from ocr_mcp.jobs.packed_pages import unpack_page
from ocr_mcp.jobs.ready_pages import ReadyPage
from ocr_mcp.sources.documents import OpenSource

logger = logging.getLogger(__name__)

_DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Saved:
    """The file of a result, or the reason why there is none; then the agent still gets the text.

    `problem` is what went wrong, `note` what is still to come.
    """

    path: Path | None = None
    problem: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _Content:
    """The pages that a file is made of, and the document that they belong to."""

    job: DocumentJob
    pages: list[ReadyPage]
    chosen: OutputFormat

    @property
    def is_whole(self) -> bool:
        """True if all pages that were asked for are here."""
        return len(self.pages) == len(self.job.asked.numbers)

    @property
    def header(self) -> DocumentHeader:
        """The document without its pages."""
        asked = self.job.asked
        return DocumentHeader(source=asked.name, media_type=self.job.media_type, total_pages=asked.total_pages)

    def digest(self) -> bytes:
        """Return the same bytes for the same file."""
        found = hashlib.sha256(f"{self.job.id} {self.chosen.name}".encode())
        for page in self.pages:
            found.update(hashlib.sha256(page.packed).digest())
        return found.digest()


@dataclass(slots=True)
class _Write:
    """The writing of one file, which may outlive the call that began it."""

    digest: bytes
    done: anyio.Event = field(default_factory=anyio.Event)
    outcome: Saved | OutputError = field(default_factory=Saved)
    is_told: bool = False

    def tell(self) -> Saved:
        """Return the outcome to a call, or raise it."""
        self.is_told = True
        if isinstance(self.outcome, OutputError):
            raise self.outcome
        return self.outcome


class Saving:
    """Writes results. A file is replaced only if it still holds what this server wrote there.

    One file is written at a time for each path; `tasks` are those that go on behind the calls.
    """

    def __init__(self, folders: tuple[Path, ...], reader: Reader, tasks: TaskGroup) -> None:
        self._policy = OutputPolicy(folders)
        self._reader = reader
        self._tasks = tasks
        self._written: dict[Path, str] = {}
        self._writes: dict[Path, _Write] = {}

    def format_of(self, save_to: str) -> OutputFormat:
        """Return the format that the suffix stands for. Raises `UsageError` where nothing may be written that way."""
        if not self._policy.folders:
            raise UsageError(
                "This server may not write files.",
                hint="Leave save_to out, or start the server with --save-dir FOLDER (OCR_MCP_OUTPUT_FOLDERS).",
            )
        return format_of_suffix(Path(save_to))

    async def save(self, save_to: str, job: DocumentJob, *, deadline: float) -> Saved:
        """Write everything that the job has read so far. A relative path begins in the first folder.

        Formats that need the source are written once, when all pages are ready. A file that is not complete at the
        `deadline` (on `time.monotonic`) is written on behind the call, and the next call tells what became of it.
        Raises `OutputError` for a place that cannot be written to; a disk that fails is no error.
        """
        content = _Content(job, job.pages(0, len(job.asked.numbers)), self.format_of(save_to))
        name = display_name(Path(save_to))
        if content.chosen.needs_source and not content.is_whole:
            return Saved(note=f"'{name}' is written once all pages are ready: go on with next_page.")
        if not content.pages:
            return Saved(note=f"'{name}' is not written yet: no page is ready.")
        path = self._place(save_to)
        with anyio.move_on_after(deadline - time.monotonic()):
            return (await self._finished_write(path, content)).tell()
        return Saved(note=f"'{name}' is being written. Call again with the same arguments to see when it is there.")

    def _place(self, save_to: str) -> Path:
        if not save_to:
            raise UsageError("'save_to' is empty.", hint="Give a file name such as report.md, or leave it out.")
        try:
            return self._policy.folders[0] / Path(save_to).expanduser()
        except RuntimeError as error:
            raise UsageError("There is no such user.", hint="Give the path without '~'.") from error

    async def _finished_write(self, path: Path, content: _Content) -> _Write:
        """Return the write of this content, begun now unless one is still to be told or need not be repeated."""
        while (write := self._writes.get(path)) is not None and not write.done.is_set():
            await write.done.wait()
        digest = content.digest()
        if write is None or write.digest != digest or (write.is_told and await _is_due_again(write, content.chosen)):
            write = self._writes[path] = _Write(digest)
            self._tasks.start_soon(self._write, write, path, content)
            await write.done.wait()
        return write

    async def _write(self, write: _Write, path: Path, content: _Content) -> None:
        name = display_name(path)
        try:
            write.outcome = Saved(await self._write_file(path, content))
        except OutputError as error:
            write.outcome = Saved(problem=str(error)) if _is_disk_fault(error) else error
        except OcrError as error:
            write.outcome = Saved(problem=f"'{name}' could not be written. {error}")
        except Exception:
            # The edge of background work: a bug here must not end the server.
            logger.exception("writing a file failed unexpectedly")
            write.outcome = Saved(problem=f"'{name}' could not be written: that met a bug in ocr-mcp.")
        finally:
            write.done.set()

    async def _write_file(self, path: Path, content: _Content) -> Path:
        new_file = open_new_file(path, self._policy, replaces=self._written.get(path))
        async with AsyncExitStack() as stack:
            file = await stack.enter_async_context(_in_threads(new_file))
            source: OpenSource | None = None
            if content.chosen.needs_source:
                source = await stack.enter_async_context(self._reader.open_source(content.job.asked.reference))
                _check_unchanged(source, content.job.asked)
            await _write_pages(file, content, WriterParts(source))
        self._written[path] = file.digest
        return file.target


async def _write_pages(file: AtomicFile, content: _Content, parts: WriterParts) -> None:
    writer = content.chosen.make_writer(parts)
    await to_thread.run_sync(file.write, writer.begin(content.header))
    for page in content.pages:
        result = await to_thread.run_sync(unpack_page, page.packed)
        await to_thread.run_sync(file.write, await writer.page(result))
    await to_thread.run_sync(file.write, await writer.end(content.job.warnings))


@asynccontextmanager
async def _in_threads(manager: AbstractContextManager[AtomicFile]) -> AsyncGenerator[AtomicFile]:
    """Enter and leave a context that blocks, without holding up the event loop."""
    file = await to_thread.run_sync(manager.__enter__)
    try:
        yield file
    except BaseException as error:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(partial(manager.__exit__, type(error), error, error.__traceback__))
        raise
    with anyio.CancelScope(shield=True):
        await to_thread.run_sync(partial(manager.__exit__, None, None, None))


async def _is_due_again(write: _Write, chosen: OutputFormat) -> bool:
    """Return True for a format that is written at each call, and for a file that is not there (any more)."""
    path = write.outcome.path if isinstance(write.outcome, Saved) else None
    return not chosen.needs_source or path is None or not await anyio.Path(path).exists()


def _check_unchanged(source: OpenSource, asked: Asked) -> None:
    if source.digest != asked.digest:
        raise SourceChangedError(f"'{asked.name}' changed while it was being read.", hint="Call again to read it anew.")


def _is_disk_fault(error: OutputError) -> bool:
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in _DISK_FAULTS
