"""Searchable PDFs, seen from the process that never parses documents."""

from collections.abc import Sequence

from ocr_mcp.errors import OcrError, RenderMemoryError, RenderTimeoutError, UnrenderableError
from ocr_mcp.sources.documents import OpenSource
from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.process import Worker, WorkerError, WorkerLimits, WorkerMemoryError, WorkerTimeoutError

WORKER_MODULE = "ocr_mcp.sources.pdf_writer.worker"

_BASE_MEMORY_BYTES = 1_500_000_000
_COPIES = 6
"""Of a document that are held while it is written, at most."""

_BASE_SECONDS, _PAGE_SECONDS = 60.0, 2.0
_SPLIT = "Split the document and write its parts."


async def write_searchable_pdf(source: OpenSource, lines: Sequence[bytes]) -> bytes:
    """The document as a PDF, the words of its pages under them; `lines` are those of `encode_words`.

    Pages that have no line stay as they are. Raises `RenderTimeoutError`, `RenderMemoryError`, `UnrenderableError`.
    """
    words = b"".join(lines)
    arguments: Header = {"name": source.name, "document_bytes": len(source.content)}
    memory_bytes = _BASE_MEMORY_BYTES + _COPIES * (len(source.content) + len(words))
    worker = Worker(WORKER_MODULE, limits=WorkerLimits(memory_bytes=memory_bytes))
    seconds = _BASE_SECONDS + _PAGE_SECONDS * source.page_count
    try:
        _, pdf = await worker.call("write", arguments, b"".join((source.content, words)), deadline_seconds=seconds)
    except WorkerError as error:
        raise _writing_failed(error, source.name) from error
    finally:
        await worker.aclose()
    return pdf


def _writing_failed(error: WorkerError, name: str) -> OcrError:
    if isinstance(error, WorkerTimeoutError):
        return RenderTimeoutError(f"'{name}' could not be written as a searchable PDF in time.", hint=_SPLIT)
    if isinstance(error, WorkerMemoryError):
        return RenderMemoryError(f"Writing '{name}' as a searchable PDF needs too much memory.", hint=_SPLIT)
    return UnrenderableError(
        f"'{name}' made the writer of PDFs fail.", hint="Print it to a new PDF and read that, or take another format."
    )
