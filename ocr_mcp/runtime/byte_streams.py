"""Byte streams for the pipes that carry pictures.

anyio's streams turn the event loop once more for each piece and copy it once more, and a page has thirty. They are for
all other code; this module needs asyncio, on which the programs run (`runtime/event_loop.py`).
"""

import asyncio
from typing import Protocol

MAX_WAITING_BYTES = 4 * 2**20
"""Bytes that may arrive before they are asked for. Beyond that the other end waits."""


class _Change:
    """A change that one task waits for."""

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Return after the next `tell`."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def tell(self) -> None:
        """Wake the waiting task."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Source(Protocol):
    """The part of an asyncio transport that receiving needs."""

    def pause_reading(self) -> None:
        """Stop reading for now."""
        ...

    def resume_reading(self) -> None:
        """Go on reading."""
        ...


class Arriving:
    """Holds the bytes that an asyncio protocol receives, for the one task that takes them."""

    def __init__(self) -> None:
        self.source: Source | None = None
        self._pieces: list[bytes | memoryview] = []
        self._waiting_bytes = 0
        self._is_paused = False
        self._has_ended = False
        self._error: Exception | None = None
        self._change = _Change()

    def add(self, piece: bytes) -> None:
        """Append a piece that has arrived."""
        self._pieces.append(piece)
        self._waiting_bytes += len(piece)
        if self._waiting_bytes > MAX_WAITING_BYTES and self.source is not None and not self._is_paused:
            self._is_paused = True
            self.source.pause_reading()
        self._change.tell()

    def end(self, error: Exception | None = None) -> None:
        """Take note that no more will come. `error` is the reason, None where the other end closed."""
        if not self._has_ended:
            self._has_ended, self._error = True, error
            self._change.tell()

    async def exactly(self, count: int) -> bytes:
        """Return `count` bytes. Raises the error of the end, or `EOFError` where the end comes before."""
        await self._until(count)
        if self._waiting_bytes < count:
            raise EOFError(f"{self._waiting_bytes} of {count} bytes came")
        return self._joined(count)

    async def _until(self, count: int) -> None:
        while self._waiting_bytes < count and not self._has_ended:
            if self._is_paused and self.source is not None:
                self._is_paused = False
                self.source.resume_reading()
            await self._change.wait()
        if self._waiting_bytes < count and self._error is not None:
            raise self._error

    def _joined(self, count: int) -> bytes:
        """Return the first `count` bytes, copied once, or not at all where they are one piece."""
        pieces, missing = list[bytes | memoryview](), count
        while missing:
            piece = self._pieces.pop(0)
            if len(piece) > missing:
                self._pieces.insert(0, memoryview(piece)[missing:])
                piece = memoryview(piece)[:missing]
            pieces.append(piece)
            missing -= len(piece)
        self._waiting_bytes -= count
        return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], bytes) else b"".join(pieces)


class Sink(Protocol):
    """The part of an asyncio transport that sending needs."""

    def write(self, data: bytes) -> None:
        """Send bytes, now or later."""
        ...


class Leaving:
    """Sends pieces, each when the one before has left. `sink` is an asyncio transport without a buffer limit."""

    def __init__(self) -> None:
        self.sink: Sink | None = None
        self._error: Exception | None = None
        self._is_full = False
        self._change = _Change()

    async def send(self, piece: bytes) -> None:
        """Send a piece and return when it has left this process. Raises the error that ended the connection."""
        self._raise_error()
        assert self.sink is not None  # noqa: S101  set when the connection is made
        self.sink.write(piece)
        while self._is_full and self._error is None:
            await self._change.wait()
        self._raise_error()

    def pause(self) -> None:
        """Take note that written bytes have not left yet."""
        self._is_full = True

    def resume(self) -> None:
        """Take note that all written bytes have left."""
        self._is_full = False
        self._change.tell()

    def end(self, error: Exception | None) -> None:
        """Take note that nothing can be sent any more."""
        self._error = self._error or error or BrokenPipeError("the other end is closed")
        self._change.tell()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error


class BothWays(asyncio.BaseProtocol):
    """Base of the protocols that receive and send."""

    def __init__(self) -> None:
        self.arriving = Arriving()
        self.leaving = Leaving()

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self.leaving.pause()

    def resume_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self.leaving.resume()
