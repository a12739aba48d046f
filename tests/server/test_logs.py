"""What is logged holds no text of a document and no secret, however much is logged."""

import json
from pathlib import Path

import httpx
import pytest

from ocr_mcp.runtime.tracebacks import without_messages
from tests.documents import scanned_pdf, written
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import OllamaDouble
from tests.doubles.openai_server import OpenAIDouble
from tests.server.test_http import HEADERS, serving
from tests.server.test_stdio import HANDSHAKE, request, started

WORD = "xyzzy4711"
"""It stands in what is secret; the log is searched for it."""


def fail_twice() -> None:
    try:
        int(WORD)
    except ValueError as error:
        raise KeyError(WORD) from error


def test_an_error_is_traced_without_its_words() -> None:
    with pytest.raises(KeyError) as raised:
        fail_twice()
    traced = without_messages(raised.value)
    assert WORD not in traced
    assert "ValueError\nwhich led to:\n" in traced
    assert traced.endswith("\nKeyError")
    assert "test_logs.py" in traced


def test_what_is_read_and_what_is_secret_is_not_logged(tmp_path: Path) -> None:
    """Every engine, what works and what does not, with everything logged."""
    scan, picture = scanned_pdf(tmp_path / "scan.pdf", pages=2), written(tmp_path / "word.png", WORD)
    calls = [
        {"source": str(scan)},
        {"source": str(scan), "page": 2},
        {"source": str(picture), "engine": "embedded"},
        {"source": str(scan), "engine": "openai"},
        {"source": f"data:application/pdf,{WORD}"},
        {"source": f"data:text/plain,{WORD}", "page": WORD},
        {"source": str(scan), "task": "locate", "query": WORD},
    ]
    lines = [
        request(n, "tools/call", name="ocr_page", arguments=call | {"text_layer": "never"})
        for n, call in enumerate(calls, 2)
    ]
    with OllamaDouble(answer=f"It says {WORD}.") as ollama, OpenAIDouble(answer=f"It says {WORD}.") as openai:
        ollama.fault = lambda call: Fault.NO_DONE if "Locate" in call.prompt else None
        secrets = {"OCR_MCP_OLLAMA_API_KEY": WORD, "OCR_MCP_OPENAI_API_KEY": WORD, "OCR_MCP_HTTP_TOKEN": WORD}
        openai_url = f"{openai.url}/v1"
        with started(ollama, OCR_MCP_LOG_LEVEL="DEBUG", OCR_MCP_OPENAI_BASE_URL=openai_url, **secrets) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(HANDSHAKE + b"".join(lines) + f"{WORD}\n".encode())
            server.stdin.flush()
            answers: dict[int, str] = {}
            while len(answers) < len(calls) + 1:
                line = server.stdout.readline()
                answers[json.loads(line).get("id")] = line.decode()
            _, log = server.communicate(timeout=20)
    assert all(f"It says {WORD}" in answers[number] for number in (2, 3, 5))
    assert b"ocr_mcp" in log, "nothing was logged"
    assert WORD.encode() not in log


def test_requests_over_http_are_not_logged(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        OllamaDouble() as ollama,
        serving(ollama, log, OCR_MCP_LOG_LEVEL="DEBUG", OCR_MCP_HTTP_TOKEN=WORD) as url,
        httpx.Client(headers=HEADERS) as client,
    ):
        for headers in ({}, {"authorization": f"Bearer {WORD}"}, {"host": "evil.example"}):
            client.post(f"{url}?word={WORD}", json={"method": WORD}, headers=headers)
    assert WORD not in log.read_text()
