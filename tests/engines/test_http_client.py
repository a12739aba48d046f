"""The HTTP client under the engines, asked of servers that write every byte themselves.

However the network cuts an answer, the same lines come out, or an error that says why. TLS and the framing are httpx's;
these tests hold what the engines rely on.
"""

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.engines.http import client as http_client
from ocr_mcp.engines.http.client import EngineHttp, posting
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.http.errors import Server
from ocr_mcp.errors import EngineError, EngineProtocolError, EngineRefusedError, EngineUnavailableError
from tests.cli.running import wait_until

pytestmark = pytest.mark.anyio

BODY = b"{}"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def answering(*pieces: bytes, reads_all: bool = True) -> Generator[tuple[str, list[bytes]]]:
    """The URL of a server that answers one request with these bytes, piece by piece, and closes; and what it received.

    What it has not read then makes its system reset the connection.
    """
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                received.append(connection.recv(65536))
                while reads_all and not b"".join(received).endswith(BODY):
                    received.append(connection.recv(65536))
                for piece in pieces:
                    connection.sendall(piece)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
        thread.join(10)


def server_at(url: str) -> Server:
    return Server(name="Ollama", url=url, start_hint="Start it.", model_hint="Get it.")


@asynccontextmanager
async def client_of(url: str) -> AsyncGenerator[EngineHttp]:
    async with EngineHttp(url, timeouts=EngineTimeouts(connect_seconds=5), headers={}) as client:
        yield client


async def lines_from(url: str) -> list[bytes]:
    async with (
        client_of(url) as client,
        posting(client, "/", [BODY], server=server_at(url), model="m") as lines,
    ):
        return [line async for line in lines]


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD, b"4\r\nabc\n\r\n", b"3\r\nde\n\r\n0\r\n\r\n"],
        [HEAD + b"4\r\nab", b"c\n\r", b"\n2\r", b"\nde\r\n0\r\n\r\n"],
        [
            HEAD.replace(b"\r\n\r\n", b"\r\nX-Slow: yes\r\n\r\n")[:20],
            HEAD[20:] + b"6;note=x\r\nabc\nde\r\n0\r\nT: 1\r\n\r\n",
        ],
        [b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"6\r\nabc\nde\r\n0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", b"c\r\n\r\nde"],
        [b"HTTP/1.1 200 OK\r\n\r\nab", b"c\nde"],
    ],
    ids=["chunks", "split anywhere", "extensions and trailers", "100 first", "of known length", "until the end"],
)
async def test_every_framing_of_a_body_gives_the_same_lines(pieces: list[bytes]) -> None:
    with answering(*pieces) as (url, _):
        assert await lines_from(url) == [b"abc", b"de"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        HEAD + b"5\r\nabc",
        HEAD + b"5\r\nabcde\r\n",
        HEAD + b"3\r\nabcde\r\n0\r\n\r\n",
        HEAD + b"xyz\r\n",
        HEAD + b"fffffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    ],
)
async def test_a_broken_answer_is_an_error_and_never_a_part_of_it(answer: bytes) -> None:
    with answering(answer) as (url, _), pytest.raises(EngineProtocolError, match="cut the connection") as caught:
        await lines_from(url)
    assert caught.value.message.startswith(f"Ollama at {url} ")


async def test_a_server_that_answers_before_it_has_read_everything_is_heard() -> None:
    head = b"HTTP/1.1 413 Too Large\r\nContent-Length: 15\r\n\r\n" + b'{"error":"big"}'
    with answering(head, reads_all=False) as (url, _), pytest.raises(EngineRefusedError, match=r"HTTP 413.*big"):
        await lines_from(url)


async def test_nobody_there_says_how_to_start_the_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(EngineUnavailableError, match="cannot be reached") as caught:
        await lines_from(f"http://127.0.0.1:{port}")
    assert caught.value.hint == "Start it."


async def test_a_name_of_this_machine_is_found() -> None:
    with answering(HEAD + b"2\r\nde\r\n0\r\n\r\n") as (url, _):
        assert await lines_from(url.replace("127.0.0.1", "localhost")) == [b"de"]


async def test_an_https_address_is_never_asked_in_the_clear() -> None:
    """The first thing that the server receives is a TLS handshake (record type 22, version 3)."""
    with answering(b"HTTP/1.1 200 OK\r\n\r\n", reads_all=False) as (url, received), pytest.raises(EngineError):
        await lines_from(url.replace("http:", "https:"))
    assert received[0].startswith(b"\x16\x03")


async def test_the_request_is_one_whole_message_on_a_connection_of_its_own() -> None:
    with answering(HEAD + b"0\r\n\r\n") as (url, received):
        await lines_from(url)
    head, _, body = b"".join(received).partition(b"\r\n\r\n")
    names = {line.split(b":")[0].lower(): line.split(b": ")[1] for line in head.split(b"\r\n")[1:]}
    assert (names[b"connection"], names[b"content-length"], names[b"accept-encoding"]) == (b"close", b"2", b"identity")
    assert body == BODY


async def test_a_line_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_MAX_LINE_BYTES", 8)
    answer = HEAD + b"9\r\nabcdefghi\r\n0\r\n\r\n"
    with answering(answer) as (url, _), pytest.raises(EngineProtocolError, match="a line of more than 8 bytes"):
        await lines_from(url)


class Stream:
    """A server that writes a line whenever it is told to, and notices when its client leaves."""

    def __init__(self) -> None:
        self.wants_line = anyio.Event()
        self.client_left = anyio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = b""
        while not request.endswith(BODY):
            request += await reader.read(65536)
        writer.write(HEAD + b"4\r\nabc\n\r\n")
        await self.wants_line.wait()
        writer.write(b"3\r\nde\n\r\n")
        await reader.read(1)
        self.client_left.set()
        writer.close()


@asynccontextmanager
async def streaming() -> AsyncGenerator[tuple[Stream, str]]:
    stream = Stream()
    server = await asyncio.start_server(stream.serve, "127.0.0.1", 0)
    try:
        yield stream, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_lines_are_handed_on_as_they_come() -> None:
    async with (
        streaming() as (stream, url),
        client_of(url) as client,
        posting(client, "/", [BODY], server=server_at(url), model="m") as lines,
    ):
        with anyio.fail_after(5):
            assert await anext(lines) == b"abc"
            stream.wants_line.set()
            assert await anext(lines) == b"de"


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_leaving_an_answer_closes_its_connection(is_cancelled: bool) -> None:
    """That is how a model is stopped."""
    async with streaming() as (stream, url), client_of(url) as client:
        with anyio.move_on_after(0.2 if is_cancelled else 5):
            async with posting(client, "/", [BODY], server=server_at(url), model="m") as lines:
                assert await anext(lines) == b"abc"
                if is_cancelled:
                    await anext(lines)
        stream.wants_line.set()
        with anyio.fail_after(1):
            await stream.client_left.wait()


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.binary(min_size=1, max_size=40).filter(lambda line: b"\n" not in line and line.strip() == line), max_size=12
    ),
    st.lists(st.integers(1, 30), max_size=20),
)
def test_lines_come_out_the_same_however_they_arrive(lines: list[bytes], cuts: list[int]) -> None:
    body = b"".join(line + b"\n" for line in lines)
    coded, start = HEAD, 0
    for size in cuts:
        if chunk := body[start : start + size]:
            coded += b"%X\r\n%b\r\n" % (len(chunk), chunk)
        start += size
    coded += b"%X\r\n%b\r\n" % (len(body) - start, body[start:]) if start < len(body) else b""
    with answering(coded + b"0\r\n\r\n") as (url, _):
        assert anyio.run(lines_from, url) == [line for line in lines if line]


async def test_the_last_piece_waits_and_everything_before_it_does_not() -> None:
    with answering(HEAD, b"3\r\nok\n\r\n0\r\n\r\n") as (url, received):

        async def before_last() -> None:
            sent = b"\r\n\r\n{"
            await anyio.to_thread.run_sync(wait_until, lambda: b"".join(received).endswith(sent))

        async with (
            client_of(url) as client,
            posting(client, "/", [b"{", b"}"], server=server_at(url), model="m", before_last=before_last) as lines,
        ):
            assert [line async for line in lines] == [b"ok"]
    assert b"".join(received).endswith(BODY)
