"""Pages for an `async for` loop, which may be left at any page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from ocr_mcp.app.open_document import OpenDocument
from ocr_mcp.errors import UsageError
from ocr_mcp.model.documents import PageResult


class PageFeed:
    """Reads the pages of one document in a task of its own, and stops when nobody takes them any more.

    A generator that is left with `break` is closed later and by another task, and anyio's cancel scopes must not be
    left in another task than they were entered in: hence the own task.
    """

    def __init__(self, opened: AbstractAsyncContextManager[OpenDocument]) -> None:
        self._opened = opened
        self._scope = anyio.CancelScope()
        self._task: asyncio.Task[None] | None = None

    async def pages(self) -> AsyncGenerator[PageResult]:
        """Yield the pages as they are ready. Raises the `OcrError` that kept the document from being opened."""
        send, receive = anyio.create_memory_object_stream[PageResult](0)
        self._task = asyncio.create_task(self._feed(send))
        try:
            with receive:
                async for result in receive:
                    yield result
            await self._task
            if self._scope.cancel_called:
                raise UsageError("The reader was left before all pages were read.")
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Stop reading, and return when everything has stopped and the document is closed."""
        if self._task is None:
            return
        self._scope.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()  # asyncio complains about exceptions that nobody has seen

    async def _feed(self, send: MemoryObjectSendStream[PageResult]) -> None:
        with self._scope, send:
            async with self._opened as document:
                async for result in document.results:
                    await send.send(result)
