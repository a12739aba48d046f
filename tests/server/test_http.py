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
from ocr_mcp.server.transports import parse_address
from tests.documents import numbered_answer, scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.ports import free_port
from tests.server.environment import environment

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
HEADERS = {"accept": "application/json, text/event-stream"}


@contextmanager
def serving(ollama: OllamaDouble, log: Path) -> Generator[str]:
    """The URL of a server that is up."""
    port = free_port()
    command = [sys.executable, "-m", "ocr_mcp", "serve", "--http", f"127.0.0.1:{port}"]
    env = os.environ | environment(ollama) | {"OCR_MCP_LOG_LEVEL": "INFO"}
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
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        (":8000", ("127.0.0.1", 8000)),
        ("8000", ("127.0.0.1", 8000)),
        ("localhost:1", ("localhost", 1)),
        ("[::1]:8000", ("::1", 8000)),
    ],
)
def test_an_address_names_a_port_on_this_machine(written: str, meant: tuple[str, int]) -> None:
    assert parse_address(written) == meant


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "192.168.1.5:8000", "[::]:8000", "example.com:80"])
def test_serving_other_machines_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="would let other machines read"):
        parse_address(address)


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:70000"])
def test_an_address_that_cannot_be_read_says_how_to_write_one(address: str) -> None:
    with pytest.raises(UsageError, match=re.escape("For example: --http 127.0.0.1:8000")):
        parse_address(address)
