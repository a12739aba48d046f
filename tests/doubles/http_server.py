"""A hand-written HTTP/1.1 server for tests: it can stall, drip, cut and notice at once that the client left.

One request a connection, each answered in its own task, in a loop of its own thread.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self

from pydantic_core import from_json

_BUFFER_BYTES = 1024 * 1024
"""Of a request that has arrived and was not taken yet: a picture in one go."""

_TURNS_TO_BE_TAKEN = 5
"""Of the event loop, from a connection that is accepted to one that is known."""


@dataclass(eq=False)
class RecordedRequest:
    """What a client sent, and what became of it. Times are of the monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, object]
    raw: bytes = b""
    arrived_at: float = field(default_factory=time.monotonic)
    left_at: float | None = None
    is_answered: bool = False
    client_left: threading.Event = field(default_factory=threading.Event)

    def mark_left(self) -> None:
        """The client closed the connection before its answer was complete."""
        self.left_at = time.monotonic()
        self.client_left.set()


class Exchange:
    """One request and the ways to answer it."""

    def __init__(self, request: RecordedRequest, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self._writer = writer

    async def send(
        self, body: bytes, *, status: int = 200, media_type: str = "application/json", location: str = ""
    ) -> None:
        """A whole answer."""
        extra = f"Location: {location}\r\n" if location else ""
        self.request.is_answered = True
        self._head(status, media_type, f"Content-Length: {len(body)}\r\n{extra}")
        self._writer.write(body)
        await self._writer.drain()

    async def send_json(self, value: object, *, status: int = 200) -> None:
        """A whole answer in JSON."""
        await self.send(json.dumps(value).encode(), status=status)

    async def send_head(self, status: int) -> None:
        """An answer without a body, as to HEAD."""
        self.request.is_answered = True
        self._head(status, "text/plain", "Content-Length: 0\r\n")
        await self._writer.drain()

    def start(self, media_type: str) -> None:
        """Begin an answer in chunks."""
        self._head(200, media_type, "Transfer-Encoding: chunked\r\n")

    async def write(self, *pieces: bytes) -> None:
        """Each piece as one chunk."""
        self._require_open()
        self._writer.writelines(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        await self._writer.drain()

    async def finish(self, piece: bytes = b"") -> None:
        """The last chunk and the end, in one write: nothing is left to send when the client reads it."""
        self.request.is_answered = True
        last = b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
        self._require_open()
        self._writer.write(last + b"0\r\n\r\n")
        await self._writer.drain()

    def cut(self) -> None:
        """Close without an end."""
        self.request.is_answered = True
        self._writer.transport.abort()

    def _require_open(self) -> None:
        """Asyncio says nothing where the client has left, uvloop says that it is no error of a connection."""
        if self._writer.is_closing():
            raise ConnectionResetError

    def _head(self, status: int, media_type: str, extra: str) -> None:
        reason = HTTPStatus(status).phrase
        self._require_open()
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {media_type}\r\nConnection: close\r\n{extra}\r\n"
        self._writer.write(head.encode())


Answerer = Callable[[Exchange], Awaitable[None]]


class HttpDouble:
    """The server. `with` runs it in a thread; `serve` runs it in the loop that is there."""

    def __init__(self, *, port: int = 0) -> None:
        self.requests: list[RecordedRequest] = []
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self.run, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def requests_to(self, path: str) -> list[RecordedRequest]:
        """What clients sent there, in order."""
        return [request for request in self.requests if request.path == path]

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request."""
        raise NotImplementedError

    async def serve(self, *, on_ready: Callable[[], None] | None = None) -> None:
        """Serve until `stop`."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self._port, limit=_BUFFER_BYTES)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        if on_ready is not None:
            on_ready()
        async with server:
            await self._stop.wait()
            # Nothing is accepted any more, and what was becomes a connection: asyncio leaves one open that it has not
            # made when the server is closed, and its client waits for a server that is gone.
            for listening in server.sockets:
                self._loop.remove_reader(listening.fileno())
            for _ in range(_TURNS_TO_BE_TAKEN):
                await asyncio.sleep(0)
            for writer in self._writers:  # as a process does that ends: nobody waits for a server that is gone
                writer.transport.abort()

    def run(self) -> None:
        """Serve until `stop`, in an event loop of its own."""
        asyncio.run(self.serve())

    def stop(self) -> None:
        """End `serve`, from any thread."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the test server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join(10)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            request = await _read_request(reader)
            self.requests.append(request)
            await self._answer_while_connected(Exchange(request, writer), reader)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass  # the test is over, or the client is gone: nobody is left to tell
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer_while_connected(self, exchange: Exchange, reader: asyncio.StreamReader) -> None:
        work = asyncio.ensure_future(self.answer(exchange))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not exchange.request.is_answered:
                exchange.request.mark_left()
            for task in (work, gone):
                task.cancel()
            results = await asyncio.gather(work, gone, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError | ConnectionError):
                raise result


async def _read_request(reader: asyncio.StreamReader) -> RecordedRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    arrived_at = time.monotonic()
    is_json = bool(raw) and headers.get("content-type", "").startswith("application/json")
    return RecordedRequest(method, path, headers, from_json(raw) if is_json else {}, raw, arrived_at)
