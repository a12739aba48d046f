"""The server as a client starts it: a child process that speaks on stdin and stdout."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.documents import numbered_answer, scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.server.environment import environment

COMMAND = [sys.executable, "-m", "ocr_mcp", "serve"]


def request(number: int, method: str, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


HANDSHAKE = (
    request(1, "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "t", "version": "1"})
    + b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
)


def started(ollama: OllamaDouble, **more: str) -> subprocess.Popen[bytes]:
    env = os.environ | environment(ollama) | more
    return subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_client_that_starts_the_server_gets_its_page(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "two.pdf", pages=2)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        server = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(ollama))
        async with Client(server, mode=mode) as client:
            result = await client.call_tool("ocr_page", {"source": str(document), "page": 2, "task": "text"})
    assert result.structured_content is not None
    assert result.structured_content["text"].strip() == "Text of page 2."


@pytest.mark.anyio
@pytest.mark.parametrize("written", [["--allow", "a", "b"], ["--allow", "a", "--allow", "b"], ["a", "b"]])
async def test_several_folders_can_be_allowed(written: list[str], tmp_path: Path) -> None:
    for folder in "abc":
        (tmp_path / folder).mkdir()
        scanned_pdf(tmp_path / folder / "one.pdf", pages=1)
    allowed = [str(tmp_path / each) if len(each) == 1 else each for each in written]
    with OllamaDouble(answer=numbered_answer()) as ollama:
        env = {name: value for name, value in environment(ollama).items() if name != "OCR_MCP_ALLOWED_FOLDERS"}
        server = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], *allowed], env=env, cwd=tmp_path / "a")
        async with Client(server, mode="auto") as client:
            results = [
                await client.call_tool("ocr_page", {"source": str(tmp_path / folder / "one.pdf"), "task": "text"})
                for folder in "abc"
            ]
    assert [result.is_error for result in results] == [False, False, True]


def test_nothing_but_json_is_written_to_stdout_even_when_all_is_logged(tmp_path: Path) -> None:
    """A print or a log line on stdout ends a session (MinerU #5079)."""
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    calls = [
        request(2, "tools/list"),
        request(3, "tools/call", name="ocr_page", arguments={"source": str(document), "task": "text"}),
        request(4, "tools/call", name="ocr_page", arguments={"source": "/nowhere.pdf"}),
        b"this is not JSON\n",
        request(5, "tools/call", name="ocr_page", arguments={"source": str(document), "engine": "embedded"}),
    ]
    with OllamaDouble(answer="Read.") as ollama, started(ollama, OCR_MCP_LOG_LEVEL="DEBUG") as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(HANDSHAKE + b"".join(calls))
        server.stdin.flush()
        messages = [json.loads(server.stdout.readline())]
        while {2, 3, 4, 5} - {message.get("id") for message in messages}:
            messages.append(json.loads(server.stdout.readline()))
        rest, log = server.communicate(timeout=20)
    for line in rest.splitlines():
        json.loads(line)
    assert log
    answers = {message["id"]: message for message in messages if "id" in message}
    assert answers[3]["result"]["structuredContent"]["text"].strip() == "Read."
    assert answers[4]["result"]["isError"]


def gone_within(seconds: float, ollama: OllamaDouble) -> bool:
    """Whether the connection of the only generation is closed in that time."""
    (generation,) = ollama.generations
    return generation.client_left.wait(seconds)


def in_the_middle_of_a_page(server: subprocess.Popen[bytes], ollama: OllamaDouble, document: Path) -> None:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(HANDSHAKE + request(2, "tools/call", name="ocr_page", arguments={"source": str(document)}))
    server.stdin.flush()
    server.stdout.readline()
    end = time.monotonic() + 30
    while not ollama.running:
        assert time.monotonic() < end, "the page never reached the model"
        time.sleep(0.02)


def test_killing_the_client_frees_the_model(tmp_path: Path) -> None:
    """A client that is gone closes the server's stdin; the stream to Ollama is closed, and Ollama stops generating."""
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer="word " * 5000, piece_seconds=0.05) as ollama, started(ollama) as server:
        in_the_middle_of_a_page(server, ollama, document)
        assert server.stdin is not None
        server.stdin.close()
        assert gone_within(1.0, ollama)
        server.wait(timeout=10)


def test_cancelling_the_call_frees_the_model_and_the_server_goes_on(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}}
    with OllamaDouble(answer="word " * 5000, piece_seconds=0.05) as ollama, started(ollama) as server:
        in_the_middle_of_a_page(server, ollama, document)
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(cancel).encode() + b"\n" + request(3, "ping"))
        server.stdin.flush()
        assert gone_within(1.0, ollama)
        answer = json.loads(server.stdout.readline())
        while answer.get("id") != 3:
            answer = json.loads(server.stdout.readline())
        server.communicate(timeout=10)
