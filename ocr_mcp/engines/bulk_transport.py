"""HTTP/1.1 in the clear for streams of tokens: an answer is handed on in pieces as large as have arrived.

A model server sends every token as a chunk of its own. httpx's own transport hands on each chunk by itself, at 40 µs of
processor time; with 32 answers at once that is a core (docs/benchmarks.md). Heads are read and written by h11, as
httpx does; only the chunks are undone here, as many at a time as the network brought.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from http import HTTPStatus

import anyio
import anyio.abc
import h11
import httpx

_RECEIVE_BYTES = 256 * 1024
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MOST_SIZE_LINE_BYTES = 256


class BulkTransport(httpx.AsyncBaseTransport):
    """One connection for each request, closed at its end; for `https` addresses it is httpx's own transport."""

    def __init__(self, encrypted: httpx.AsyncBaseTransport) -> None:
        self._encrypted = encrypted

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the answer's head is there, its body comes as it is read."""
        if request.url.scheme != "http":
            return await self._encrypted.handle_async_request(request)
        stream = await _connect(request)
        try:
            return await _exchange(stream, request)
        except BaseException:
            await anyio.aclose_forcefully(stream)
            raise

    async def aclose(self) -> None:
        """Close what httpx's own transport holds."""
        await self._encrypted.aclose()


async def _connect(request: httpx.Request) -> anyio.abc.ByteStream:
    seconds = request.extensions.get("timeout", {}).get("connect")
    try:
        with anyio.fail_after(seconds):
            return await anyio.connect_tcp(request.url.host, request.url.port or 80)
    except TimeoutError as error:
        raise httpx.ConnectTimeout("no connection in time", request=request) from error
    except OSError as error:
        raise httpx.ConnectError(str(error), request=request) from error


async def _exchange(stream: anyio.abc.ByteStream, request: httpx.Request) -> httpx.Response:
    connection = h11.Connection(h11.CLIENT)
    headers = [each for each in request.headers.raw if each[0].lower() != b"connection"]
    head = h11.Request(
        method=request.method, target=request.url.raw_path, headers=[*headers, (b"Connection", b"close")]
    )
    try:
        await stream.send(connection.send(head) or b"")
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101  an AsyncClient sends no other
        async for piece in request.stream:
            await stream.send(piece)
    except anyio.BrokenResourceError:
        pass  # a server may answer before it has read everything; what it says is read next
    answered = await _answer_head(stream, connection)
    return httpx.Response(
        status_code=answered.status_code,
        headers=answered.headers.raw_items(),
        stream=_Body(stream, _body(stream, connection, answered, request.method)),
    )


async def _answer_head(stream: anyio.abc.ByteStream, connection: h11.Connection) -> h11.Response:
    while not isinstance(event := _next_event(connection), h11.Response):
        if event is h11.NEED_DATA:
            connection.receive_data(await _receive(stream))
    return event


def _body(
    stream: anyio.abc.ByteStream, connection: h11.Connection, answered: h11.Response, method: str
) -> AsyncGenerator[bytes]:
    headers = {name: value.lower() for name, value in answered.headers}
    has_body = method != "HEAD" and answered.status_code != HTTPStatus.NO_CONTENT
    if has_body and headers.get(b"transfer-encoding") == b"chunked":
        return _chunked_body(stream, connection.trailing_data[0])
    return _other_body(stream, connection)


async def _chunked_body(stream: anyio.abc.ByteStream, received: bytes) -> AsyncGenerator[bytes]:
    chunks = Chunks()
    while True:
        if data := chunks.undo(received):
            yield data
        if chunks.is_complete:
            return
        received = await _receive(stream)
        if not received:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


async def _other_body(stream: anyio.abc.ByteStream, connection: h11.Connection) -> AsyncGenerator[bytes]:
    """A body of known length, or one that ends with the connection."""
    while not isinstance(event := _next_event(connection), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            connection.receive_data(await _receive(stream))
        elif isinstance(event, h11.Data):
            yield bytes(event.data)


def _next_event(connection: h11.Connection) -> "h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]":
    try:
        event = connection.next_event()
    except h11.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    if isinstance(event, h11.ConnectionClosed):
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    return event


async def _receive(stream: anyio.abc.ByteStream) -> bytes:
    """What has arrived, as soon as something has; nothing where the server has ended the connection."""
    try:
        return await stream.receive(_RECEIVE_BYTES)
    except anyio.EndOfStream:
        return b""
    except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
        raise httpx.ReadError(str(error) or "connection lost") from error


class Chunks:
    """Undoes the chunked transfer coding (RFC 9112, 7.1) of a body that arrives in pieces of any size.

    `is_complete` once the last chunk has come. Trailers are ignored. Raises `httpx.RemoteProtocolError`.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self._rest = b""
        self._missing = 0
        self._ends = False

    def undo(self, received: bytes) -> bytes:
        """What the next piece brings of the body."""
        data, at, parts = self._rest + received, 0, list[bytes]()
        while not self.is_complete and at < len(data):
            if self._missing:
                part = data[at : at + self._missing]
                parts.append(part)
                self._missing -= len(part)
                at += len(part)
                self._ends = not self._missing
            elif (start := self._start_of_next(data, at)) is None:
                break
            else:
                at = start
        self._rest = data[at:]
        return b"".join(parts)

    def _start_of_next(self, data: bytes, at: int) -> int | None:
        """Where the next chunk's data begins; None while its size line is not all there."""
        if self._ends:
            at = self._after_line_end(data, at)
        found = _SIZE_LINE.match(data, at)
        if found is None:
            if len(data) - at > _MOST_SIZE_LINE_BYTES or b"\n" in data[at:]:
                raise httpx.RemoteProtocolError("illegal chunk header")
            return None
        self._ends = False
        self._missing = int(found[1], 16)
        self.is_complete = not self._missing
        return found.end()

    def _after_line_end(self, data: bytes, at: int) -> int:
        end = b"\r\n" if data.startswith(b"\r", at) else b"\n"
        if not data.startswith(end[: len(data) - at], at):
            raise httpx.RemoteProtocolError("a chunk is longer than its size")
        return at + len(end)


class _Body(httpx.AsyncByteStream):
    """The answer's body; closing it closes the connection, which is how a model is stopped."""

    def __init__(self, stream: anyio.abc.ByteStream, pieces: AsyncGenerator[bytes]) -> None:
        self._stream = stream
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        await anyio.aclose_forcefully(self._stream)
