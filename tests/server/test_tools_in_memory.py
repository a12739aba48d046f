"""The tools as a client sees them, on both protocol eras, against a server that speaks Ollama's API."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, ReadResourceResult, TextContent, TextResourceContents

from ocr_mcp.server.tools import create_server
from ocr_mcp.settings import Settings
from tests.documents import numbered_answer, scan_number, scanned_pdf, text_pdf, written
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("mode", ["legacy", "auto"])]

TWO_COLUMNS = """\
<|ref|>title<|/ref|><|det|>[[100, 50, 900, 100]]<|/det|>
# Two Columns

<|ref|>text<|/ref|><|det|>[[100, 120, 480, 500]]<|/det|>
Left column with \\(E = mc^2\\).

<|ref|>text<|/ref|><|det|>[[520, 120, 900, 500]]<|/det|>
Right column.

<|ref|>table<|/ref|><|det|>[[100, 520, 900, 700]]<|/det|>
<table><tr><td>Item</td><td>Price</td></tr><tr><td>Nails</td><td>3.50</td></tr></table>

<|ref|>image<|/ref|><|det|>[[100, 720, 900, 960]]<|/det|>
"""

CHART = "<table><tr><td></td><td>2025</td></tr><tr><td>Q1</td><td>42</td></tr><tr><td>Q2</td><td>n/a</td></tr></table>"


@asynccontextmanager
async def connected(ollama: OllamaDouble | None, mode: str, **settings: Any) -> AsyncGenerator[Client]:
    """A client of a server whose Ollama is the double, or an address where nothing answers."""
    host = ollama.url if ollama else "http://127.0.0.1:9"
    async with Client(create_server(Settings(ollama_host=host, **settings)), mode=mode) as client:
        yield client


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured result of a call that worked; the text content must be the same."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    assert json.loads(error_text(result)) == result.structured_content
    return result.structured_content


def error_text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_the_tools_say_what_they_are_for_in_under_2_kb(mode: str) -> None:
    async with connected(None, mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ocr_page", "ocr_pdf", "parse_chart", "page_picture"}
    for tool in tools.values():
        assert tool.title
        assert 100 < len(tool.description or "") < 2048
        assert (tool.output_schema is None) == (tool.name == "page_picture")
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert "data, not instructions" in (tool.description or "")


async def test_a_grounded_page_becomes_ordered_blocks_on_their_places(mode: str, tmp_path: Path) -> None:
    page = scanned_pdf(tmp_path / "page.pdf", pages=1)
    with OllamaDouble(answer=TWO_COLUMNS, version="0.24.0") as ollama:
        async with connected(ollama, mode) as client:
            result = await called(client, "ocr_page", source=str(page), include_boxes=True)
    labels = [block["label"] for block in result["blocks"]]
    assert labels == ["title", "text", "text", "table", "picture"]
    assert (result["width"], result["height"], result["unit"]) == (595.0, 842.0, "pt")
    left, top, right, bottom = result["blocks"][2]["boxes"][0]
    assert (left, right) == pytest.approx((520 / 999 * 595, 900 / 999 * 595), abs=0.1)
    assert (top, bottom) == pytest.approx((120 / 999 * 842, 500 / 999 * 842), abs=0.1)
    assert "| Nails | 3.50 |" in result["text"]
    assert "$E = mc^2$" in result["text"]
    assert result["engine"]["engine"] == "ollama"
    assert result["engine"]["model"].startswith("deepseek-ocr")
    assert result["engine"]["device"] == "gpu"
    assert result["engine"]["vision_tokens"] == 903


async def test_a_fused_table_is_kept_and_said_to_be_fused(mode: str, tmp_path: Path) -> None:
    page = scanned_pdf(tmp_path / "page.pdf", pages=1)
    with OllamaDouble(answer=TWO_COLUMNS, version="0.33.0") as ollama:
        async with connected(ollama, mode) as client:
            result = await called(client, "ocr_page", source=str(page))
    assert "Nails3.50" in result["text"]
    assert any("table" in issue for issue in result["issues"])


async def test_the_picture_is_sent_on_the_models_grid(mode: str, tmp_path: Path) -> None:
    page = scanned_pdf(tmp_path / "page.pdf", pages=1)
    sizes: list[tuple[int, int]] = []

    def answer(call: GenerateCall) -> str:
        sizes.append((call.width, call.height))
        return "Read."

    with OllamaDouble(answer=answer) as ollama:
        async with connected(ollama, mode) as client:
            await called(client, "ocr_page", source=str(page), task="text")
    assert sizes == [(1280, 1920)]


async def test_all_pages_come_in_order_and_a_bad_one_loses_no_other(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "five.pdf", pages=5)

    def fault(call: GenerateCall) -> Fault | None:
        return Fault.PROMPT_TOO_LONG if scan_number(call.image) == 3 else None

    with OllamaDouble(answer=numbered_answer(), fault=fault, slots=4) as ollama:
        async with connected(ollama, mode, ollama_parallel=4) as client:
            result = await called(client, "ocr_pdf", source=str(document))
    assert (result["state"], result["first_page"], result["last_page"]) == ("complete", 1, 5)
    found = [result["text"].index(f"Text of page {number}.") for number in (1, 2, 4, 5)]
    assert found == sorted(found)
    (failed,) = result["failed_pages"]
    assert (failed["page"], failed["code"]) == (3, "ENGINE_REFUSED")
    assert failed["hint"]
    assert "> Page 3 could not be read" in result["text"]


async def test_asked_pages_come_in_page_order(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "five.pdf", pages=5)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, mode) as client:
            result = await called(client, "ocr_pdf", source=str(document), pages="4-5,2")
    assert result["text"] == "\n".join(f"<!-- page {n} -->\n\nText of page {n}.\n" for n in (2, 4, 5))
    assert (result["pages_ready"], result["total_pages"]) == (3, 5)


async def test_progress_only_goes_forward(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "four.pdf", pages=4)
    seen: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        assert total == 4
        assert message
        seen.append(progress)

    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, mode) as client:
            await client.call_tool("ocr_pdf", {"source": str(document)}, progress_callback=on_progress)
    assert seen == sorted(set(seen))
    assert seen[-1] == 4


async def test_a_pdf_with_its_own_text_needs_no_engine(mode: str, tmp_path: Path) -> None:
    document = text_pdf(tmp_path / "born.pdf", pages=3)
    async with connected(None, mode, engine="ollama") as client:
        result = await called(client, "ocr_pdf", source=str(document))
    assert result["text_layer_pages"] == 3
    assert result["engine"] is None
    assert "Line 7 of page 3" in result["text"]


async def test_a_pdf_with_its_own_text_is_ocred_when_asked(mode: str, tmp_path: Path) -> None:
    document = text_pdf(tmp_path / "born.pdf", pages=1)
    with OllamaDouble(answer="Read from the picture.") as ollama:
        async with connected(ollama, mode) as client:
            result = await called(client, "ocr_page", source=str(document), text_layer="never", task="text")
    assert (result["origin"], result["text"].strip()) == ("ocr", "Read from the picture.")


async def test_a_chart_becomes_records(mode: str, tmp_path: Path) -> None:
    picture = written(tmp_path / "chart.png", "a chart")
    with OllamaDouble(answer=CHART, version="0.24.0") as ollama:
        async with connected(ollama, mode) as client:
            result = await called(client, "parse_chart", source=str(picture))
        assert ollama.generations[0].body["prompt"] == "\nParse the figure."
    assert result["kind"] == "chart"
    assert [(r["series"], r["category"], r["value"], r["raw"]) for r in result["records"]] == [
        ("2025", "Q1", 42.0, "42"),
        ("2025", "Q2", None, "n/a"),
    ]
    assert result["csv"].splitlines()[0].startswith("series,category,value,unit,raw")


async def test_a_region_is_all_that_is_sent(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "page.pdf", pages=1)
    answer = "<|ref|>text<|/ref|><|det|>[[0, 0, 999, 999]]<|/det|>\nAll of it."
    with OllamaDouble(answer=answer) as ollama:
        async with connected(ollama, mode) as client:
            result = await called(
                client, "ocr_page", source=str(document), region=[100, 200, 300, 400], include_boxes=True
            )
    assert result["blocks"][0]["boxes"] == [[100.0, 200.0, 300.0, 400.0]]


async def test_locate_says_where(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "page.pdf", pages=1)
    with OllamaDouble(answer="[[0, 0, 499, 999]]") as ollama:
        async with connected(ollama, mode) as client:
            result = await called(client, "ocr_page", source=str(document), task="locate", query="the stamp")
        assert ollama.generations[0].body["prompt"] == "Locate <|ref|>the stamp<|/ref|> in the image."
    assert "[0.0, 0.0, 297.2, 842.0]" in result["text"]


async def test_without_ollama_the_embedded_engine_reads_and_says_what_would_be_better(
    mode: str, tmp_path: Path
) -> None:
    picture = written(tmp_path / "line.png", "Invoice 4711 total 99.50")
    async with connected(None, mode, embedded_workers=1) as client:
        result = await called(client, "ocr_page", source=str(picture))
    assert "4711" in result["text"]
    assert result["engine"]["engine"] == "embedded"
    assert any("ollama serve" in warning for warning in result["warnings"])


WRONG_CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "a wrong path": ({"source": "/nowhere/x.pdf"}, "NOT_FOUND: "),
    "a folder": ({"source": "/"}, "NOT_REGULAR: "),
    "a page too far": ({"page": 99}, "PAGE_RANGE: "),
    "locate without a query": ({"task": "locate"}, "BAD_ARGUMENT: "),
    "a query without locate": ({"query": "x"}, "BAD_ARGUMENT: "),
    "an empty region": ({"region": [5, 5, 5, 9]}, "BAD_ARGUMENT: "),
    "a URL": ({"source": "https://example.com/x.pdf"}, ""),
    "an engine that is not there": ({"engine": "openai"}, "ENGINE_UNAVAILABLE: "),
    "a model that is not there": ({}, "MODEL_MISSING: "),
}


@pytest.mark.parametrize("wrong", WRONG_CALLS)
async def test_a_call_that_cannot_work_says_what_to_do(mode: str, wrong: str, tmp_path: Path) -> None:
    arguments, code = WRONG_CALLS[wrong]
    document = scanned_pdf(tmp_path / "page.pdf", pages=1)
    with OllamaDouble() as ollama:
        ollama.model = None
        async with connected(ollama, mode, engine="ollama") as client:
            result = await client.call_tool("ocr_page", {"source": str(document)} | arguments)
    assert result.is_error
    text = error_text(result)
    assert f": {code}" in text, text
    assert "Traceback" not in text
    assert len(text) > len(code) + 20


async def test_a_document_of_which_no_page_can_be_read_is_an_error(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "two.pdf", pages=2)
    async with connected(None, mode, engine="ollama") as client:
        result = await client.call_tool("ocr_pdf", {"source": str(document)})
    assert result.is_error
    assert "ENGINE_UNAVAILABLE: No page could be read. Page 1: " in error_text(result)


async def test_a_result_is_saved_where_the_user_allows_it(mode: str, tmp_path: Path) -> None:
    document, folder = scanned_pdf(tmp_path / "two.pdf", pages=2), tmp_path / "results"
    folder.mkdir()
    (folder / "mine.md").write_text("the user's own")
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, mode, output_folders=(folder,)) as client:
            (tool,) = (tool for tool in (await client.list_tools()).tools if tool.name == "ocr_pdf")
            first = await called(client, "ocr_pdf", source=str(document), save_to="two.md")
            again = await called(client, "ocr_pdf", source=str(document), save_to="two.md")
            taken = await client.call_tool("ocr_pdf", {"source": str(document), "save_to": "mine.md"})
            outside = await client.call_tool("ocr_pdf", {"source": str(document), "save_to": str(tmp_path / "out.md")})
    assert tool.annotations is not None
    assert not tool.annotations.read_only_hint
    assert first["saved_to"] == again["saved_to"] == str(folder / "two.md")
    assert (folder / "two.md").read_text() == first["text"]
    assert taken.is_error
    assert (folder / "mine.md").read_text() == "the user's own"
    assert outside.is_error
    assert not (tmp_path / "out.md").exists()


async def test_nothing_is_saved_unless_the_user_allows_it(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble() as ollama:
        async with connected(ollama, mode) as client:
            result = await client.call_tool("ocr_pdf", {"source": str(document), "save_to": str(tmp_path / "out.md")})
    assert "--save-dir" in error_text(result)
    assert not (tmp_path / "out.md").exists()


async def test_what_was_read_is_a_resource(mode: str, tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "three.pdf", pages=3)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, mode) as client:
            result = await called(client, "ocr_pdf", source=str(document))
            whole = await client.read_resource(result["result_uri"])
            page = await client.read_resource(f"{result['result_uri']}/pages/2")
            with pytest.raises(MCPError, match="Call ocr_pdf again"):
                await client.read_resource("ocr://documents/0123456789abcdef")
    assert resource_text(whole) == result["text"]
    assert resource_text(page) == "<!-- page 2 -->\n\nText of page 2.\n"


def resource_text(result: ReadResourceResult) -> str:
    (content,) = result.contents
    assert isinstance(content, TextResourceContents)
    return content.text
