"""Connections that send half a request and wait are closed, and shut nobody out."""

import asyncio
import socket
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from ocr_mcp.server import http_door
from ocr_mcp.server.http_door import MAX_WAITING, Door
from tests.cli.running import wait_until
from tests.doubles.ollama_server import OllamaDouble
from tests.server.test_http import HEADERS, PING, serving

HALF = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
TOKEN = {"authorization": "Bearer secret"}


async def ok(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when the whole body is there."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def behind_a_door(app: ASGIApp = ok) -> Generator[int]:
    door = Door(app, "secret")
    server = uvicorn.Server(uvicorn.Config(door, port=0, http=door.protocol(), ws="none", log_config=None))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


def connected(port: int, sent: bytes = HALF) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(sent)
    return connection


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    finally:
        connection.setblocking(True)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        HALF,
        b"POST / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\nContent-Length: 5\r\n\r\nhal",
        b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\n\r\n" + HALF,
    ],
    ids=["nothing", "half a head", "half a body", "half a second head"],
)
def test_what_does_not_arrive_in_time_is_closed(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_door, "_SECONDS", {"IDLE": 0.2, "SEND_BODY": 0.3})
    with behind_a_door() as port, connected(port, sent) as connection:
        while connection.recv(4096):
            pass


def test_a_slow_answer_is_no_slow_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_door, "_SECONDS", {"IDLE": 0.1, "SEND_BODY": 0.1})

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await asyncio.sleep(0.5)
        await ok(scope, receive, send)

    with behind_a_door(slow) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/", headers=TOKEN).text == "ok"


def test_too_many_at_the_door_close_the_oldest_and_nobody_who_came_in() -> None:
    with behind_a_door() as port, ExitStack() as stack, httpx.Client(headers=TOKEN) as client:
        url = f"http://127.0.0.1:{port}/"
        assert client.get(url).text == "ok"
        halves = [stack.enter_context(connected(port)) for _ in range(MAX_WAITING + 30)]
        wait_until(lambda: not is_open(halves[29]))
        assert is_open(halves[-1])
        assert client.get(url).text == "ok"
        assert httpx.get(url, headers=TOKEN).text == "ok"


def test_a_client_without_the_token_is_answered_and_closed_even_in_the_middle_of_its_body() -> None:
    with behind_a_door() as port:
        with connected(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nhal") as connection:
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 401 ")
        for scheme in ("bearer", "BEARER", "Bearer"):
            assert httpx.get(f"http://127.0.0.1:{port}/", headers={"authorization": f"{scheme} secret"}).text == "ok"
        for wrong in ("secret", "Basic secret", "Bearer secrets", "Bearersecret", "Bearer"):
            assert httpx.get(f"http://127.0.0.1:{port}/", headers={"authorization": wrong}).status_code == 401


def test_the_server_answers_its_clients_while_others_hold_half_requests(tmp_path: Path) -> None:
    with (
        OllamaDouble() as ollama,
        serving(ollama, tmp_path / "log", OCR_MCP_HTTP_TOKEN="secret") as url,
        ExitStack() as stack,
    ):
        port = httpx.URL(url).port or 0
        for _ in range(3):
            for _ in range(150):
                stack.enter_context(connected(port))
            began = time.monotonic()
            answer = httpx.post(url, json=PING, headers=HEADERS | TOKEN)
            assert answer.status_code not in (401, 503)
            assert time.monotonic() - began < 10
