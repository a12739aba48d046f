"""The server over HTTP on this machine."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from mcp import Client

from ocr_mcp.errors import UsageError
from ocr_mcp.server.transports import HttpAddress, parse_address, refuse_open_door, security
from tests.documents import numbered_answer, scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.ports import free_port
from tests.server.environment import environment

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HEADERS = {"accept": "application/json, text/event-stream"}


@contextmanager
def serving(ollama: OllamaDouble, log: Path, **more: str) -> Generator[str]:
    """The URL of a server that is up."""
    port = free_port()
    command = [sys.executable, "-m", "ocr_mcp", "serve", "--http", f"127.0.0.1:{port}"]
    env = os.environ | environment(ollama) | {"OCR_MCP_LOG_LEVEL": "INFO"} | more
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=env) as server:
        try:
            _wait_for(port, server, log)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    transport = httpx.HTTPTransport(retries=0)
    with httpx.Client(transport=transport, timeout=1) as client:
        for _ in range(150):
            try:
                client.get(f"http://127.0.0.1:{port}/")
            except httpx.TransportError:
                assert server.poll() is None, log.read_text()
                with pytest.raises(subprocess.TimeoutExpired):
                    server.wait(0.2)
            else:
                return
    raise AssertionError(log.read_text())


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_client_on_this_machine_gets_its_page(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "two.pdf", pages=2)
    with OllamaDouble(answer=numbered_answer()) as ollama, serving(ollama, tmp_path / "log") as url:
        async with Client(url, mode=mode) as client:
            result = await client.call_tool("ocr_page", {"source": str(document), "page": 2, "task": "text"})
    assert result.structured_content is not None
    assert result.structured_content["text"].strip() == "Text of page 2."


def test_a_web_page_cannot_reach_the_server(tmp_path: Path) -> None:
    """DNS rebinding (SDK CVE-2025-66416): a foreign Host or Origin is refused, the machine's own is not."""
    with OllamaDouble() as ollama, serving(ollama, tmp_path / "log") as url, httpx.Client(headers=HEADERS) as client:
        foreign_host = client.post(url, json=PING, headers={"host": "evil.example"})
        foreign_origin = client.post(url, json=PING, headers={"origin": "https://evil.example"})
        own = client.post(url, json=PING)
    assert foreign_host.status_code == 421
    assert foreign_origin.status_code == 403
    assert own.status_code not in (403, 421)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1:8000", HttpAddress("127.0.0.1", 8000)),
        (":8000", HttpAddress("127.0.0.1", 8000)),
        ("8000", HttpAddress("127.0.0.1", 8000)),
        ("localhost:1", HttpAddress("localhost", 1)),
        ("[::1]:8000", HttpAddress("::1", 8000)),
    ],
)
def test_an_address_without_a_host_is_this_machine(written: str, meant: HttpAddress) -> None:
    assert parse_address(written) == meant
    refuse_open_door(meant, None)


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "192.168.1.5:8000", "[::]:8000", "example.com:80"])
def test_serving_other_machines_needs_a_token(address: str) -> None:
    with pytest.raises(UsageError, match="lets other machines read"):
        refuse_open_door(parse_address(address), None)
    refuse_open_door(parse_address(address), "secret")


def test_a_token_is_asked_of_every_request(tmp_path: Path) -> None:
    with (
        OllamaDouble() as ollama,
        serving(ollama, tmp_path / "log", OCR_MCP_HTTP_TOKEN="secret") as url,
        httpx.Client(headers=HEADERS) as client,
    ):
        statuses = [
            client.post(url, json=PING, headers=headers).status_code
            for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "secret"})
        ]
        right = client.post(url, json=PING, headers={"authorization": "Bearer secret"})
    assert statuses == [401, 401, 401]
    assert right.status_code != 401


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "127.0.0.1:8000", "[::]:8000"])
def test_foreign_names_are_refused_on_every_bind(address: str) -> None:
    allowed = security(parse_address(address), ("ocr.example",))
    assert allowed.enable_dns_rebinding_protection
    assert "ocr.example:8000" in allowed.allowed_hosts
    assert not any("*" in host for host in allowed.allowed_hosts)


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:70000"])
def test_an_address_that_cannot_be_read_says_how_to_write_one(address: str) -> None:
    with pytest.raises(UsageError, match=re.escape("For example: --http 127.0.0.1:8000")):
        parse_address(address)
