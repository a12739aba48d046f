"""A tool refuses an argument that it does not have, instead of reading something else than was meant."""

import json
from pathlib import Path

import pytest

from tests.documents import numbered_answer, scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.server.test_tools_in_memory import called, connected, error_text

pytestmark = pytest.mark.anyio


async def test_an_argument_that_a_tool_does_not_have_is_refused_with_what_may_be_meant(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "three.pdf", pages=3)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, "auto") as client:
            tools = (await client.list_tools()).tools
            refusal = error_text(await client.call_tool("ocr_page", {"source": str(document), "pages": "3"}))
            read = await called(client, "ocr_page", source=str(document), page=3, task="text")
        assert len(ollama.generations) == 1
    assert refusal.startswith(
        "BAD_ARGUMENT: ocr_page has no argument 'pages'. Did you mean 'page'? It takes source, page"
    )
    assert read["text"].strip() == "Text of page 3."
    assert all(tool.input_schema["additionalProperties"] is False for tool in tools)


async def test_a_value_that_does_not_fit_is_said_without_the_value_and_without_links(tmp_path: Path) -> None:
    with OllamaDouble() as ollama:
        async with connected(ollama, "auto") as client:
            refusal = error_text(await client.call_tool("ocr_page", {"source": "a.pdf", "region": [1, 2, "secret"]}))
    assert refusal.startswith("BAD_ARGUMENT: ocr_page cannot take these arguments. 'region':")
    assert "secret" not in refusal
    assert "pydantic" not in refusal


async def test_the_text_of_a_result_is_its_structured_content_in_one_line(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, "auto") as client:
            result = await client.call_tool("ocr_page", {"source": str(document), "task": "text"})
    (content,) = result.content
    assert content.type == "text"
    assert "\n" not in content.text
    assert json.loads(content.text) == result.structured_content
