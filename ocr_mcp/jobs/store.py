"""Keeps the documents that agents asked for last."""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup

from ocr_mcp.app import Reader
from ocr_mcp.jobs.job import Asked, DocumentJob
from ocr_mcp.pipeline import ReadOptions

MAX_DOCUMENTS = 16
"""Documents that are kept. Older ones are forgotten, but their pages are still in the cache."""


class JobStore:
    """Finds the job for a call: the same document, pages and options are the same job."""

    def __init__(self, reader: Reader, tasks: TaskGroup) -> None:
        self.reader = reader
        self._tasks = tasks
        self._jobs: OrderedDict[str, DocumentJob] = OrderedDict()

    async def job(self, reference: str, pages: str, options: ReadOptions, engine: str | None) -> DocumentJob:
        """Return the job for these arguments; the document is opened to see that it is unchanged.

        Raises the `OcrError` of opening, and `PageRangeError`.
        """
        described = await self.reader.describe(reference, pages)
        asked = Asked(
            reference=reference,
            name=described.name,
            digest=described.digest,
            total_pages=described.total_pages,
            numbers=tuple(sorted(described.numbers)),
            options=options,
            engine=engine,
        )
        job_id = _job_id(asked)
        if job_id not in self._jobs:
            self._jobs[job_id] = DocumentJob(job_id, asked, self.reader, self._tasks)
        self._jobs.move_to_end(job_id)
        self._forget_old()
        return self._jobs[job_id]

    def find(self, job_id: str) -> DocumentJob | None:
        """Return the job of that id; None if it is not kept any more."""
        return self._jobs.get(job_id)

    def _forget_old(self) -> None:
        while len(self._jobs) > MAX_DOCUMENTS:
            _, job = self._jobs.popitem(last=False)
            job.stop()


def _job_id(asked: Asked) -> str:
    """Return an id that is the same in every process: a client may keep it over a restart of the server."""
    options = asked.options
    how = (options.text_layer.value, options.rotate or "", str(options.verify))
    parts = (asked.digest, str(asked.numbers), *how, asked.engine or "")
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@asynccontextmanager
async def open_store(reader: Reader) -> AsyncGenerator[JobStore]:
    """Yield a store whose work ends with the block."""
    async with anyio.create_task_group() as tasks:
        try:
            yield JobStore(reader, tasks)
        finally:
            tasks.cancel_scope.cancel()
