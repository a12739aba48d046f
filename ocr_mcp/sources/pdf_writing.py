"""Write searchable PDFs, seen from the process that never parses documents."""

from collections.abc import Sequence

from ocr_mcp.errors import OcrError, RenderMemoryError, RenderTimeoutError, UnrenderableError
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.process import Worker, WorkerError, WorkerLimits, WorkerMemoryError, WorkerTimeoutError

WORKER_MODULE = "ocr_mcp.sources.pdf_writer.worker"

_BASE_MEMORY_BYTES = 1_500_000_000
_MAX_COPIES = 6
"""Copies of a document that are in memory while it is written, at most."""

_BASE_SECONDS, _SECONDS_PER_PAGE = 60.0, 2.0
_SPLIT_HINT = "Split the document and write its parts."


async def write_searchable_pdf(source: OpenSource, lines: Sequence[bytes]) -> bytes:
    """Return the document as a PDF with the words of its pages under them. `encode_words` makes `lines`.

    Pages without a line stay as they are. Raises `RenderTimeoutError`, `RenderMemoryError`, `UnrenderableError`.
    """
    words = b"".join(lines)
    arguments: Header = {"name": source.name, "document_bytes": len(source.content)}
    memory_bytes = _BASE_MEMORY_BYTES + _MAX_COPIES * (len(source.content) + len(words))
    worker = Worker(WORKER_MODULE, limits=WorkerLimits(memory_bytes=memory_bytes))
    seconds = _BASE_SECONDS + _SECONDS_PER_PAGE * source.page_count
    try:
        _, pdf = await worker.call("write", arguments, b"".join((source.content, words)), deadline_seconds=seconds)
    except WorkerError as error:
        raise _describe_failure(error, source.name) from error
    finally:
        await worker.aclose()
    return pdf


def _describe_failure(error: WorkerError, name: str) -> OcrError:
    if isinstance(error, WorkerTimeoutError):
        return RenderTimeoutError(f"'{name}' could not be written as a searchable PDF in time.", hint=_SPLIT_HINT)
    if isinstance(error, WorkerMemoryError):
        return RenderMemoryError(f"Writing '{name}' as a searchable PDF needs too much memory.", hint=_SPLIT_HINT)
    return UnrenderableError(
        f"'{name}' made the writer of PDFs fail.", hint="Print it to a new PDF and read that, or take another format."
    )
