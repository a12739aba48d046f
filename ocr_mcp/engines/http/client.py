"""HTTP client shared by the engines that ask a model server: requests, streams read line by line, named errors.

Importing httpx takes a quarter of a second, so this module is imported with the first request.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cache
from http import HTTPStatus

import httpx

from ocr_mcp.engines.http.deadlines import Deadlines, EngineTimeouts
from ocr_mcp.engines.http.errors import Server, ended_early, excerpt, http_error
from ocr_mcp.errors import EngineProtocolError, EngineTimeoutError, EngineUnavailableError

_MAX_LINE_BYTES = 4 * 2**20
_MAX_ERROR_BYTES = 64 * 2**10
_METADATA_SECONDS = 10


class EngineHttp(httpx.AsyncClient):
    """A client for one server.

    It follows no redirect and takes no proxy or password from the environment, so that pages go only where the
    settings say. It keeps no idle connection, because a server could close one just as the next request uses it.
    httpx limits only the time to connect; every other limit is one of `Deadlines`.
    """

    def __init__(self, url: str, *, timeouts: EngineTimeouts, headers: Mapping[str, str]) -> None:
        super().__init__(
            base_url=url,
            headers={"Accept-Encoding": "identity", "Connection": "close", **headers},
            timeout=httpx.Timeout(None, connect=timeouts.connect_seconds),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            verify=tls_context(),
            follow_redirects=False,
            trust_env=False,
        )


@cache
def tls_context() -> ssl.SSLContext:
    """Return a context with the system's trusted certificates, which are read once."""
    return ssl.create_default_context()


def metadata_deadlines(timeouts: EngineTimeouts, server: Server) -> Deadlines:
    """Return the limits for a small request that no model has to answer."""
    limits = EngineTimeouts(first_output_seconds=_METADATA_SECONDS, total_seconds=timeouts.total_seconds)
    return Deadlines(limits, server=server.title)


@contextmanager
def transport_errors(server: Server) -> Generator[None]:
    """Turn the exceptions of httpx into `EngineError`s that name the server."""
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
) -> AsyncGenerator[AsyncIterator[bytes]]:
    """POST a body of JSON, given in pieces, and yield the lines of the answer as they arrive.

    Lines come without their ends, and empty ones are left out. `before_last` is awaited before the last piece is
    sent, that is, before the server can begin. Leaving the context closes the connection, which stops the model.
    """
    headers = {"Content-Type": "application/json", "Content-Length": str(sum(map(len, body)))}
    with transport_errors(server):
        async with client.stream("POST", path, content=_pieces(body, before_last), headers=headers) as response:
            if response.status_code != HTTPStatus.OK:
                raise http_error(server, model=model, status=response.status_code, body=await _read_start(response))
            async with aclosing(_read_lines(response, server)) as lines:
                yield lines


async def _pieces(body: Sequence[bytes], before_last: Callable[[], Awaitable[None]] | None) -> AsyncGenerator[bytes]:
    *first, last = body
    for piece in first:
        yield piece
    if before_last is not None:
        await before_last()
    yield last


async def get_json(client: httpx.AsyncClient, path: str, *, server: Server, model: str) -> bytes:
    """Return the body of the answer to a GET; raise the error that a status other than 200 stands for."""
    with transport_errors(server):
        response = await client.get(path)
    if response.status_code != HTTPStatus.OK:
        raise http_error(server, model=model, status=response.status_code, body=response.content)
    return response.content


async def _read_lines(response: httpx.Response, server: Server) -> AsyncGenerator[bytes]:
    rest = b""
    async for chunk in response.aiter_bytes():
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            if stripped := line.strip():
                yield stripped
        if len(rest) > _MAX_LINE_BYTES:
            raise _endless_line(server)
    if last := rest.strip():
        yield last


def _endless_line(server: Server) -> EngineProtocolError:
    return EngineProtocolError(
        f"{server.title} sent a line of more than {_MAX_LINE_BYTES:,} bytes.",
        hint=f"Check that the address is that of {server.name}.",
    )


async def _read_start(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ERROR_BYTES:
            break
    return body
