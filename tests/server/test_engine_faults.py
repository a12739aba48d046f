"""What an engine does wrong, seen through every tool: one typed error within its deadline, never a part as the whole.

The faults are those of Ollama's source and of proxies in front of it (docs/security.md).
"""

import time
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from ocr_mcp.pipeline import retries
from ocr_mcp.server.tools import create_server
from ocr_mcp.settings import Settings
from tests.documents import numbered_answer, scan_number, scanned_pdf
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble
from tests.server.test_tools_in_memory import error_text

CODES = {
    Fault.BUSY: "ENGINE_BUSY",
    Fault.CRASH: "ENGINE_CRASHED",
    Fault.LOAD_FAILURE: "MODEL_LOAD",
    Fault.PROMPT_TOO_LONG: "ENGINE_REFUSED",
    Fault.NO_VISION: "ENGINE_REFUSED",
    Fault.HTML_502: "ENGINE_PROTOCOL",
    Fault.REDIRECT: "ENGINE_PROTOCOL",
    Fault.GARBAGE: "ENGINE_PROTOCOL",
    Fault.ERROR_LINE: "ENGINE_CRASHED",
    Fault.NO_DONE: "ENGINE_PROTOCOL",
    Fault.CUT: "ENGINE_PROTOCOL",
    Fault.DONE_LOAD: "ENGINE_PROTOCOL",
    Fault.DONE_WITHOUT_REASON: "ENGINE_PROTOCOL",
    Fault.STALL_FIRST: "ENGINE_TIMEOUT",
    Fault.STALL_MIDDLE: "ENGINE_TIMEOUT",
    Fault.DRIP_EMPTY_LINES: "ENGINE_TIMEOUT",
    Fault.DRIP_BYTES: "ENGINE_TIMEOUT",
}
"""All but the two that give an answer, which is then marked: a loop and a cut by the token limit."""

FIRST_OUTPUT_SECONDS = 1.0
TOOLS: dict[str, dict[str, Any]] = {"ocr_page": {}, "ocr_pdf": {}, "parse_chart": {}}

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _impatient_retries(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  pytest uses it
    monkeypatch.setattr(retries, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(retries, "MAX_WAIT_SECONDS", 0.02)


def settings(ollama: OllamaDouble) -> Settings:
    return Settings(
        ollama_host=ollama.url,
        engine="ollama",
        first_output_seconds=FIRST_OUTPUT_SECONDS,
        stall_seconds=1.0,
        page_seconds=10,
        engine_wait_seconds=0,
    )


@pytest.mark.parametrize("fault", CODES)
async def test_each_fault_is_its_own_error_in_every_tool(fault: Fault, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer="This is half of an answer and more.", fault=fault) as ollama:
        async with Client(create_server(settings(ollama))) as client:
            for tool, arguments in TOOLS.items():
                started = time.monotonic()
                result = await client.call_tool(tool, {"source": str(document)} | arguments)
                assert time.monotonic() - started < 3 * FIRST_OUTPUT_SECONDS + 5
                assert result.is_error, (tool, fault)
                assert f": {CODES[fault]}: " in error_text(result), tool
                assert "half of" not in error_text(result)


@pytest.mark.parametrize("fault", CODES)
async def test_pages_in_are_pages_read_and_pages_failed(fault: Fault, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "three.pdf", pages=3)

    def on_page_two(call: GenerateCall) -> Fault | None:
        return fault if scan_number(call.image) == 2 else None

    with OllamaDouble(answer=numbered_answer(), fault=on_page_two) as ollama:
        async with Client(create_server(settings(ollama))) as client:
            result = await client.call_tool("ocr_pdf", {"source": str(document)})
    content = result.structured_content
    assert content is not None
    assert [(page["page"], page["code"]) for page in content["failed_pages"]] == [(2, CODES[fault])]
    assert "Text of page 1." in content["text"]
    assert "Text of page 3." in content["text"]
    assert (content["state"], content["pages_ready"]) == ("complete", 3)


async def test_an_answer_cut_by_the_token_limit_is_marked(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer="word " * 40, fault=Fault.LENGTH) as ollama:
        async with Client(create_server(settings(ollama))) as client:
            result = await client.call_tool("ocr_page", {"source": str(document)})
    assert result.structured_content is not None
    assert any("cut off" in issue for issue in result.structured_content["issues"])
    assert "> Page 1 is incomplete" in result.structured_content["text"]
