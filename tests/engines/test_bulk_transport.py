"""HTTP under the engines: however the network cuts answers, the same bytes come out, or an error that says why."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.engines.bulk_transport import BulkTransport, Chunks

pytestmark = pytest.mark.anyio


BODY = b"{}"


class Refusing(httpx.AsyncBaseTransport):
    """Stands for httpx's own transport, which only https may reach."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=f"encrypted {request.url.host}")


@contextmanager
def answering(*pieces: bytes, reads_all: bool = True) -> Generator[str]:
    """The URL of a server that answers one request with these bytes, piece by piece, and closes.

    What it has not read then makes its system reset the connection.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                request = connection.recv(65536)
                while reads_all and not request.endswith(BODY):
                    request += connection.recv(65536)
                for piece in pieces:
                    connection.sendall(piece)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(10)


async def fetched(url: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=BulkTransport(Refusing()), timeout=httpx.Timeout(None, connect=5)) as client:
        return await client.post(url, content=BODY)


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"],
        [HEAD + b"3\r\nab", b"c\r", b"\n2\r", b"\nde\r\n0\r\n\r\n"],
        [
            HEAD.replace(b"\r\n\r\n", b"\r\nX-Slow: yes\r\n\r\n")[:20],
            HEAD[20:] + b"5;note=x\r\nabcde\r\n0\r\nT: 1\r\n\r\n",
        ],
        [b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"5\r\nabcde\r\n0\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", b"cde"],
        [b"HTTP/1.1 200 OK\r\n\r\nab", b"cde"],
    ],
    ids=["chunks", "split anywhere", "extensions and trailers", "100 first", "of known length", "until the end"],
)
async def test_every_framing_of_a_body_is_undone(pieces: list[bytes]) -> None:
    with answering(*pieces) as url:
        assert (await fetched(url)).text == "abcde"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH\r\n\r\n", httpx.RemoteProtocolError),
        (HEAD + b"5\r\nabc", httpx.RemoteProtocolError),
        (HEAD + b"5\r\nabcde\r\n", httpx.RemoteProtocolError),
        (HEAD + b"3\r\nabcde\r\n0\r\n\r\n", httpx.RemoteProtocolError),
        (HEAD + b"xyz\r\n", httpx.RemoteProtocolError),
        (HEAD + b"fffffffffffffffff\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", httpx.RemoteProtocolError),
    ],
)
async def test_a_broken_answer_is_an_error_and_never_a_part_of_it(answer: bytes, error: type[Exception]) -> None:
    with answering(answer) as url, pytest.raises(error):
        await fetched(url)


async def test_a_server_that_answers_before_it_has_read_everything_is_heard() -> None:
    head = b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"
    with answering(head, reads_all=False) as url:
        answered = await fetched(url)
    assert (answered.status_code, answered.text) == (413, "big")


async def test_nobody_there_is_a_connect_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpx.ConnectError):
        await fetched(f"http://127.0.0.1:{port}/")


async def test_encrypted_addresses_go_through_the_library() -> None:
    assert (await fetched("https://ocr.example/")).text == "encrypted ocr.example"


async def test_closing_an_answer_closes_its_connection() -> None:
    """That is how a model is stopped."""
    gone = anyio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"3\r\nabc\r\n")
        await reader.read(1024)
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with httpx.AsyncClient(transport=BulkTransport(Refusing())) as client:
        async with client.stream("GET", url) as response:
            async for piece in response.aiter_bytes():
                assert piece == b"abc"
                break
        with anyio.fail_after(1):
            await gone.wait()
    server.close()


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=12), st.lists(st.integers(1, 30), max_size=200))
def test_chunks_come_out_the_same_however_they_arrive(chunks: list[bytes], cuts: list[int]) -> None:
    coded = b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    undone, at, found = Chunks(), 0, b""
    for size in [*cuts, len(coded)]:
        found += undone.undo(coded[at : at + size])
        at += size
    assert found == b"".join(chunks)
    assert undone.is_complete
