"""Send foreign headers and half requests to the server on every kind of bind: it must refuse them and go on serving.

A web page can make a browser send requests to this machine under the page's own name (DNS rebinding). The server must
answer to its own names alone, whatever it listens on, and beyond this machine only with the token. Connections that
send half a request and wait must not take the descriptors that its clients need.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx

from tests.ports import free_port
from torture.harness.raw_client import handshake
from torture.harness.verdict import Verdict, conclude

FULL = QUICK = 1
"""Rounds over all binds."""

_HALF_REQUESTS = 800
"""Together with what the process holds already, these stay under the common limit of 1,024 descriptors."""
_TOKEN = "open sesame"
_START_SECONDS = 60.0
_HELLO = json.loads(handshake().splitlines()[0])
_HEADERS = {"accept": "application/json, text/event-stream"}
_REFUSALS = (400, 401, 403, 404, 421)
_BAD_NAMES = (
    *("evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost.evil.example:{port}"),
    *("127.0.0.1", "localhost", "127.0.0.1:{other}", "localhost:{other}", "[::1]:{other}", "0:{port}", "127.1:{port}"),
    *("2130706433:{port}", "0x7f000001:{port}", "127.0.0.1:{port}.evil.example", "evil.example@127.0.0.1:{port}"),
    *("127.0.0.1:{port}@evil.example", "127.0.0.1:{port}, evil.example", "[::ffff:127.0.0.1]:{port}", "", "*", "null"),
    *("localhost.:{port}", "xn--lcalhost-90a:{port}", "192.168.0.1:{port}", "10.0.0.1:{port}", "host.docker.internal"),
)
_BAD_ORIGINS = (*(f"http://{name}" for name in _BAD_NAMES if name), "null", "file://", "chrome-extension://abc", "*")


@dataclass(frozen=True, slots=True)
class Door:
    """An address that the server listens on, the name that it answers to, and the address that reaches it."""

    bind: str
    name: str
    reached_at: str
    family: socket.AddressFamily = socket.AF_INET
    is_open: bool = False


DOORS = (
    Door("127.0.0.1", "127.0.0.1", "127.0.0.1"),
    Door("localhost", "localhost", "localhost"),
    Door("[::1]", "[::1]", "[::1]", socket.AF_INET6),
    Door("0.0.0.0", "0.0.0.0", "127.0.0.1", is_open=True),
    Door("[::]", "[::]", "[::1]", socket.AF_INET6, is_open=True),
)


def run(count: int) -> Verdict:
    """Try all doors so many times."""
    doors = [door for door in DOORS if _exists(door)]
    found = [_try(door) for _ in range(count) for door in doors]
    asked, wrong = sum(asked for asked, _ in found), [each for _, wrong in found for each in wrong]
    binds = ", ".join(door.bind for door in doors)
    return Verdict(f"{asked} requests on {binds}: {len(wrong)} let in or shut out wrongly {wrong[:5] or ''}", not wrong)


def _try(door: Door) -> tuple[int, list[str]]:
    """Return how many requests were made, and those with the wrong outcome."""
    port = free_port()
    if door.is_open and _starts_without_token(door, port):
        return 1, [f"{door.bind} without a token"]
    with _serving(door, port), httpx.Client(headers=_HEADERS, trust_env=False, timeout=20) as client:
        url, own = f"http://{door.reached_at}:{port}/mcp", f"{door.name}:{port}"
        token = {"authorization": f"Bearer {_TOKEN}"}
        names = {"port": port, "other": port + 1}
        tries = [({"host": name.format(**names)} | token, False) for name in _BAD_NAMES]
        tries += [({"host": own, "origin": origin.format(**names)} | token, False) for origin in _BAD_ORIGINS]
        tries += [({"host": own} | token, True), ({"host": own, "origin": f"http://{own}"} | token, True)]
        tries += [({"host": own}, not door.is_open), ({"host": own, "authorization": "Bearer x"}, not door.is_open)]
        wrong = [f"{door.bind} {headers}" for headers, may in tries if _is_let_in(client, url, headers) is not may]
        with _half_requests(door, port):
            if not _is_let_in(client, url, {"host": own} | token):
                wrong.append(f"{door.bind} beside {_HALF_REQUESTS} half requests")
    return len(tries) + door.is_open + 1, wrong


@contextmanager
def _half_requests(door: Door, port: int) -> Generator[None]:
    """Hold connections open that have sent half a request each."""
    with ExitStack() as stack:
        for _ in range(_HALF_REQUESTS):
            connection = stack.enter_context(socket.socket(door.family))
            connection.connect((door.reached_at.strip("[]"), port))
            connection.sendall(b"POST /mcp HTTP/1.1\r\nX-Slow: ")
        yield


def _is_let_in(client: httpx.Client, url: str, headers: dict[str, str]) -> bool:
    status = client.post(url, json=_HELLO, headers=headers).status_code
    assert status == 200 or status in _REFUSALS, (status, headers)
    return status == 200


def _command(door: Door, port: int) -> list[str]:
    return [sys.executable, "-m", "ocr_mcp", "serve", "--http", f"{door.bind}:{port}"]


def _starts_without_token(door: Door, port: int) -> bool:
    env = {name: value for name, value in os.environ.items() if name != "OCR_MCP_HTTP_TOKEN"}
    return subprocess.run(_command(door, port), env=env, capture_output=True, timeout=60, check=False).returncode != 2


@contextmanager
def _serving(door: Door, port: int) -> Generator[None]:
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-doors-") as folder:
        own = {"OCR_MCP_CACHE_FOLDER": folder, "OCR_MCP_ALLOWED_FOLDERS": folder}
        env = os.environ | own | ({"OCR_MCP_HTTP_TOKEN": _TOKEN} if door.is_open else {})
        with subprocess.Popen(
            _command(door, port), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as up:
            try:
                _wait_for(door, port)
                yield
            finally:
                up.terminate()


def _wait_for(door: Door, port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        with socket.socket(door.family) as probe:
            if probe.connect_ex((door.reached_at.strip("[]"), port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(door.bind)


def _exists(door: Door) -> bool:
    """Return False where the machine lacks the address, because it may have no IPv6."""
    try:
        with socket.socket(door.family) as probe:
            probe.bind((door.bind.strip("[]"), 0))
    except OSError:
        return False
    return True


if __name__ == "__main__":
    conclude(run, full=FULL)
