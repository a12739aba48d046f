"""HTTP/1.1 in the clear for streams of tokens: an answer is handed on in pieces as large as have arrived.

A model server sends every token as a chunk of its own. httpx's own transport hands on each chunk by itself, at 40 µs of
processor time; with 32 answers at once that is a core (docs/benchmarks.md). Heads are read and written by h11, as
httpx does; only the chunks are undone here, as many at a time as the network brought.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from http import HTTPStatus

import h11
import httpx

from ocr_mcp.engines.connections import Connection, Connector
from ocr_mcp.runtime.byte_streams import Arriving

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_NEXT_SIZE_LINE = re.compile(rb"\r?\n" + _SIZE_LINE.pattern)
"""With the end of the chunk before."""
_MAX_SIZE_LINE_BYTES = 256


class BulkTransport(httpx.AsyncBaseTransport):
    """One connection for each request, closed at its end; for `https` addresses it is httpx's own transport."""

    def __init__(self, encrypted: httpx.AsyncBaseTransport) -> None:
        self._encrypted = encrypted
        self._connector = Connector()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the answer's head is there, its body comes as it is read."""
        if request.url.scheme != "http":
            return await self._encrypted.handle_async_request(request)
        connection = await self._connect(request)
        try:
            return await _exchange(connection, request)
        except BaseException:
            await connection.aclose()
            raise

    async def aclose(self) -> None:
        """Close what httpx's own transport holds."""
        await self._encrypted.aclose()

    async def _connect(self, request: httpx.Request) -> Connection:
        seconds = request.extensions.get("timeout", {}).get("connect")
        try:
            return await self._connector.connect(request.url.host, request.url.port or 80, seconds=seconds)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time", request=request) from error
        except OSError as error:
            raise httpx.ConnectError(str(error), request=request) from error


async def _exchange(connection: Connection, request: httpx.Request) -> httpx.Response:
    protocol = h11.Connection(h11.CLIENT)
    headers = [each for each in request.headers.raw if each[0].lower() != b"connection"]
    head = h11.Request(
        method=request.method, target=request.url.raw_path, headers=[*headers, (b"Connection", b"close")]
    )
    try:
        await connection.leaving.send(protocol.send(head) or b"")
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101  an AsyncClient sends no other
        async for piece in request.stream:
            await connection.leaving.send(piece)
    except OSError:
        pass  # a server may answer before it has read everything; what it says is read next
    answered = await _answer_head(connection.arriving, protocol)
    return httpx.Response(
        status_code=answered.status_code,
        headers=answered.headers.raw_items(),
        stream=_Body(connection, _body(connection.arriving, protocol, answered, request.method)),
    )


async def _answer_head(arriving: Arriving, protocol: h11.Connection) -> h11.Response:
    while not isinstance(event := _next_event(protocol), h11.Response):
        if event is h11.NEED_DATA:
            protocol.receive_data(await _receive(arriving))
    return event


def _body(arriving: Arriving, protocol: h11.Connection, answered: h11.Response, method: str) -> AsyncGenerator[bytes]:
    headers = {name: value.lower() for name, value in answered.headers}
    has_body = method != "HEAD" and answered.status_code != HTTPStatus.NO_CONTENT
    if has_body and headers.get(b"transfer-encoding") == b"chunked":
        return _chunked_body(arriving, protocol.trailing_data[0])
    return _other_body(arriving, protocol)


async def _chunked_body(arriving: Arriving, received: bytes) -> AsyncGenerator[bytes]:
    chunks = Chunks()
    while True:
        if data := chunks.undo(received):
            yield data
        if chunks.is_complete:
            return
        received = await _receive(arriving)
        if not received:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


async def _other_body(arriving: Arriving, protocol: h11.Connection) -> AsyncGenerator[bytes]:
    """A body of known length, or one that ends with the connection."""
    while not isinstance(event := _next_event(protocol), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            protocol.receive_data(await _receive(arriving))
        elif isinstance(event, h11.Data):
            yield bytes(event.data)


def _next_event(protocol: h11.Connection) -> "h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]":
    try:
        event = protocol.next_event()
    except h11.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    if isinstance(event, h11.ConnectionClosed):
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    return event


async def _receive(arriving: Arriving) -> bytes:
    """What has arrived, as soon as something has; nothing where the server has ended the connection."""
    try:
        return await arriving.some()
    except OSError as error:
        raise httpx.ReadError(str(error) or "connection lost") from error


class Chunks:
    """Undoes the chunked transfer coding (RFC 9112, 7.1) of a body that arrives in pieces of any size.

    `is_complete` once the last chunk has come. Trailers are ignored. Raises `httpx.RemoteProtocolError`.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self._rest = b""
        self._missing = 0
        self._size_line = _SIZE_LINE

    def undo(self, received: bytes) -> bytes:
        """What the next piece brings of the body."""
        data, parts = self._rest + received if self._rest else received, list[bytes]()
        at, end = min(self._missing, len(data)), len(data)
        if at:
            parts.append(data[:at])
            self._missing -= at
        while at < end and not self.is_complete:
            found = self._size_line.match(data, at)
            if found is None:
                self._check_unfinished(data[at:])
                break
            size, start = int(found[1], 16), found.end()
            self._size_line = _NEXT_SIZE_LINE
            at = min(start + size, end)
            parts.append(data[start:at])
            self._missing = start + size - at
            self.is_complete = not size
        self._rest = data[at:]
        return b"".join(parts)

    def _check_unfinished(self, data: bytes) -> None:
        """Whether a size line may begin so, of which the end has not come yet."""
        line = data
        if self._size_line is _NEXT_SIZE_LINE:
            line = data.removeprefix(b"\r").removeprefix(b"\n")
            if not data.startswith((b"\r\n", b"\n")) and data != b"\r":
                raise httpx.RemoteProtocolError("a chunk is longer than its size")
        if len(line) > _MAX_SIZE_LINE_BYTES or b"\n" in line:
            raise httpx.RemoteProtocolError("illegal chunk header")


class _Body(httpx.AsyncByteStream):
    """The answer's body; closing it closes the connection, which is how a model is stopped."""

    def __init__(self, connection: Connection, pieces: AsyncGenerator[bytes]) -> None:
        self._connection = connection
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        await self._connection.aclose()
