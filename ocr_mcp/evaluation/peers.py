"""Read the same pages with other programs: RapidOCR and Tesseract as they come, and pymupdf4llm.

RapidOCR and Tesseract get each page as the same picture: a PDF at 200 dpi, a picture in its own pixels, upright as its
EXIF says, alpha on white, as JPEG of quality 95. Their answers are taken unchanged.
"""

import os
import shutil
import time
from collections.abc import Sequence
from typing import Protocol

import anyio

from ocr_mcp.app import Reader
from ocr_mcp.errors import EngineCrashedError, EngineUnavailableError, TaskNotSupportedError, UsageError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.systems import Output, System
from ocr_mcp.model.images import Raster
from ocr_mcp.settings import Settings
from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.pool import WorkerPool
from ocr_mcp.workers.process import WorkerError, WorkerLimits

PEER_RASTER = Raster(dpi=200, max_edge_px=10_000, jpeg_quality=95)
CALL_TIMEOUT_SECONDS = 600.0
PEER_NAMES = ("rapidocr", "tesseract", "pymupdf4llm")


def make_peer(asked: str, settings: Settings) -> System:
    """Return the program of that name; `tesseract:deu+eng` names languages too. Raises `UsageError` for other names."""
    name, _, languages = asked.partition(":")
    match name:
        case "rapidocr":
            return PicturePeer("RapidOCR, plain", settings, PlainRapidOcr())
        case "tesseract":
            return PicturePeer("Tesseract", settings, Tesseract(languages or "eng"))
        case "pymupdf4llm":
            return PdfPeer("pymupdf4llm")
        case _:
            raise UsageError(f"'{asked}' cannot be compared with.", hint=f"Compare with {', '.join(PEER_NAMES)}.")


class PictureProgram(Protocol):
    """A program that reads pictures of pages, `concurrency` of them at once."""

    concurrency: int

    def check(self) -> None:
        """Raise an `OcrError` where the program cannot run on this machine."""
        ...

    async def text(self, picture: bytes) -> str:
        """Return the text of an encoded picture."""
        ...

    async def aclose(self) -> None:
        """End the program's processes."""
        ...


class PicturePeer:
    """A `System` that reads the pictures of pages."""

    def __init__(self, name: str, settings: Settings, program: PictureProgram) -> None:
        self.name = name
        self.concurrency = program.concurrency
        self._program = program
        self._reader = Reader(settings.model_copy(update={"cache_mb": 0}))

    async def __aenter__(self) -> "PicturePeer":
        self._program.check()
        await self._reader.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            await self._program.aclose()
        await self._reader.__aexit__()

    async def read(self, case: Case) -> Output:
        """Return the text of all pages of the case."""
        started = time.monotonic()
        numbers = case.numbers or (await self._reader.describe(case.source, "all")).numbers
        texts = [await self._text(case.source, number) for number in numbers]
        return Output(markdown="\n\n".join(texts), seconds=time.monotonic() - started, pages=len(numbers))

    async def _text(self, source: str, number: int) -> str:
        picture = await self._reader.render(source, number, PEER_RASTER)
        return await self._program.text(picture.data)


class PlainRapidOcr:
    """`RapidOCR()` with its own settings, one page at a time because it takes all cores."""

    concurrency = 1

    def __init__(self) -> None:
        self._pool = _make_pool()

    def check(self) -> None:
        """Do nothing: the package is installed, because the embedded engine uses it."""

    async def text(self, picture: bytes) -> str:
        """Return one line of text for each line that RapidOCR found, in its order."""
        return await _call_worker(self._pool, "rapidocr", picture)

    async def aclose(self) -> None:
        """End the child process."""
        await self._pool.aclose()


class Tesseract:
    """The command `tesseract` with its own settings, one thread a page and one page a core."""

    def __init__(self, languages: str) -> None:
        self.concurrency = os.cpu_count() or 1
        self._languages = languages

    def check(self) -> None:
        """Raise `EngineUnavailableError` where Tesseract is not installed."""
        if shutil.which("tesseract") is None:
            raise EngineUnavailableError("Tesseract is not installed.", hint="Install the package tesseract-ocr.")

    async def text(self, picture: bytes) -> str:
        """Return the text that Tesseract writes to stdout."""
        command = ["tesseract", "stdin", "stdout", "-l", self._languages]
        with anyio.fail_after(CALL_TIMEOUT_SECONDS):
            done = await anyio.run_process(
                command, input=picture, check=False, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
            )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise EngineCrashedError(f"Tesseract failed: {said[-1] if said else done.returncode}.")
        return done.stdout.decode("utf-8", "replace")

    async def aclose(self) -> None:
        """Do nothing: each page has a process of its own, which has ended."""


class PdfPeer:
    """`pymupdf4llm.to_markdown`, one document at a time. It is compared on PDFs only."""

    concurrency = 1

    def __init__(self, name: str) -> None:
        self.name = name
        self._pool = _make_pool()

    async def __aenter__(self) -> "PdfPeer":
        return self

    async def __aexit__(self, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            await self._pool.aclose()

    async def read(self, case: Case) -> Output:
        """Return the Markdown of all pages of the case, which are read in one call."""
        if not case.source.lower().endswith(".pdf"):
            raise TaskNotSupportedError("pymupdf4llm is compared on PDFs only.")
        started = time.monotonic()
        numbers: Sequence[int] = case.numbers or ()
        arguments: Header = {"numbers": list(numbers), "margins": case.keeps_margins}
        pdf = await anyio.Path(case.source).read_bytes()
        markdown = await _call_worker(self._pool, "pymupdf4llm", pdf, arguments)
        return Output(markdown=markdown, seconds=time.monotonic() - started, pages=max(1, len(numbers)))


def _make_pool() -> WorkerPool:
    return WorkerPool("ocr_mcp.evaluation.peer_worker", size=1, limits=WorkerLimits(memory_bytes=None, calls=10_000))


async def _call_worker(pool: WorkerPool, op: str, payload: bytes, arguments: Header | None = None) -> str:
    try:
        async with pool.lease() as worker:
            _, answer = await worker.call(op, arguments, payload, deadline_seconds=CALL_TIMEOUT_SECONDS)
    except WorkerError as error:
        raise EngineCrashedError(f"{op} failed on the page: {error}") from error
    return answer.decode()
