"""The HTTP under both engines: a client without surprises, streams by lines, transport errors by name.

Imports httpx, which costs a quarter of a second: import this module when the first request is made.
"""

import ssl
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cache
from http import HTTPStatus

import httpx

from ocr_mcp.engines.bulk_transport import BulkTransport
from ocr_mcp.engines.http.deadlines import Deadlines, EngineTimeouts
from ocr_mcp.engines.http.errors import Server, ended_early, excerpt, http_error
from ocr_mcp.errors import EngineProtocolError, EngineTimeoutError, EngineUnavailableError

_MAX_LINE_BYTES = 4 * 2**20
_MAX_ERROR_BYTES = 64 * 2**10
_METADATA_SECONDS = 10


class EngineHttp(httpx.AsyncClient):
    """A client for one server.

    It follows no redirect and takes no proxy or password from the environment, so that pages go nowhere else; it
    keeps no idle connection, which a server could close under the next request. Limits of time beyond connecting are
    `Deadlines`.
    """

    def __init__(self, url: str, *, timeouts: EngineTimeouts, headers: Mapping[str, str]) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        encrypted = httpx.AsyncHTTPTransport(verify=tls_context(), limits=limits, trust_env=False)
        self._bulk = BulkTransport(encrypted)
        self._posts: dict[str, httpx.Request] = {}
        super().__init__(
            base_url=url,
            headers={"Accept-Encoding": "identity", **headers},
            timeout=httpx.Timeout(None, connect=timeouts.connect_seconds),
            follow_redirects=False,
            trust_env=False,
            transport=self._bulk,
        )

    @asynccontextmanager
    async def posted(
        self, path: str, content: AsyncIterator[bytes], headers: Mapping[str, str]
    ) -> AsyncGenerator[httpx.Response]:
        """The answer to a POST, its body unread; leaving closes the connection.

        Not through httpx: redirects, cookies and authentication, none of which an engine has, cost half a millisecond a
        page.
        """
        if path not in self._posts:
            self._posts[path] = self.build_request("POST", path)
        like = self._posts[path]
        merged = like.headers.copy()
        merged.update(headers)
        request = httpx.Request("POST", like.url, headers=merged, content=content, extensions=like.extensions)
        response = await self._bulk.handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()


@cache
def tls_context() -> ssl.SSLContext:
    """The system's trusted certificates, read once."""
    return ssl.create_default_context()


def metadata_deadlines(timeouts: EngineTimeouts, server: Server) -> Deadlines:
    """Limits for a small question that no model has to answer."""
    limits = EngineTimeouts(first_output_seconds=_METADATA_SECONDS, total_seconds=timeouts.total_seconds)
    return Deadlines(limits, server=server.title)


@contextmanager
def transport_errors(server: Server) -> Generator[None]:
    """Name what httpx raises."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        reason = excerpt(str(error)) or "no connection in time"
        raise EngineUnavailableError(f"{server.title} cannot be reached ({reason}).", hint=server.start_hint) from error
    except httpx.TimeoutException as error:
        raise EngineTimeoutError(f"{server.title} did not answer in time.", hint="Try again.") from error
    except httpx.HTTPError as error:
        raise ended_early(server, f"cut the connection ({excerpt(str(error)) or type(error).__name__})") from error


@asynccontextmanager
async def posting(
    client: EngineHttp,
    path: str,
    body: Sequence[bytes],
    *,
    server: Server,
    model: str,
    before_last: Callable[[], Awaitable[None]] | None = None,
) -> AsyncGenerator[AsyncIterator[list[bytes]]]:
    """The lines of the answer to a POST of JSON, given in pieces; as many at a time as have arrived.

    `before_last` is awaited before the last piece is sent, so before the server can begin. Leaving closes the
    connection, which stops the model.
    """
    headers = {"Content-Type": "application/json", "Content-Length": str(sum(map(len, body)))}
    with transport_errors(server):
        async with client.posted(path, _pieces(body, before_last), headers) as response:
            if response.status_code != HTTPStatus.OK:
                raise http_error(server, model=model, status=response.status_code, body=await _start_of(response))
            async with aclosing(_lines(response, server)) as lines:
                yield lines


async def _pieces(body: Sequence[bytes], before_last: Callable[[], Awaitable[None]] | None) -> AsyncGenerator[bytes]:
    *first, last = body
    for piece in first:
        yield piece
    if before_last is not None:
        await before_last()
    yield last


async def get_json(client: httpx.AsyncClient, path: str, *, server: Server, model: str) -> bytes:
    """The body of the answer to a GET, or the error that its status stands for."""
    with transport_errors(server):
        response = await client.get(path)
    if response.status_code != HTTPStatus.OK:
        raise http_error(server, model=model, status=response.status_code, body=response.content)
    return response.content


async def _lines(response: httpx.Response, server: Server) -> AsyncGenerator[list[bytes]]:
    """Lines that hold something, without their ends; what comes after the last end too."""
    rest = b""
    async for chunk in _chunks(response):
        *complete, rest = (rest + chunk).split(b"\n")
        if lines := [stripped for line in complete if (stripped := line.strip())]:
            yield lines
        if len(rest) > _MAX_LINE_BYTES:
            raise _endless_line(server)
    if rest.strip():
        yield [rest.strip()]


def _chunks(response: httpx.Response) -> AsyncIterable[bytes]:
    """The body as it arrives; httpx's own way to it is needed only where the server encoded it, unasked."""
    if "content-encoding" in response.headers:
        return response.aiter_bytes()
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  that of an AsyncClient
    return response.stream


def _endless_line(server: Server) -> EngineProtocolError:
    return EngineProtocolError(
        f"{server.title} sent a line of more than {_MAX_LINE_BYTES:,} bytes.",
        hint=f"Check that the address is that of {server.name}.",
    )


async def _start_of(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ERROR_BYTES:
            break
    return body
