"""What holds for every Ollama: for the test server, and for a real one where OCR_MCP_TEST_OLLAMA names one.

The real one needs deepseek-ocr.
"""

import os
from collections.abc import Iterator

import pytest

from ocr_mcp.model.predictions import Device, StopReason, Task
from tests.doubles.ollama_server import OllamaDouble
from tests.engines.pictures import ask
from tests.engines.reading import reading

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["double", pytest.param("real", marks=pytest.mark.ollama)])
def ollama_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An Ollama with deepseek-ocr."""
    if request.param == "double":
        with OllamaDouble(piece_seconds=0.01) as double:
            yield double.url
    elif url := os.environ.get("OCR_MCP_TEST_OLLAMA"):
        yield url
    else:
        pytest.skip("OCR_MCP_TEST_OLLAMA names no Ollama")


async def test_a_page_comes_back_complete(ollama_url: str) -> None:
    async with reading(ollama_url) as engine:
        prediction = await engine.predict(ask(Task.TEXT))
    assert prediction.task is Task.TEXT
    assert prediction.stop in {StopReason.STOP, StopReason.LENGTH}
    assert prediction.seconds > 0


async def test_usage_says_how_many_of_the_prompt_tokens_the_picture_took(ollama_url: str) -> None:
    async with reading(ollama_url) as engine:
        usage = (await engine.predict(ask(Task.TEXT))).usage
    assert usage.prompt is not None
    assert usage.vision is not None
    assert usage.vision < usage.prompt


async def test_the_engine_says_who_answers(ollama_url: str) -> None:
    async with reading(ollama_url) as engine:
        identity = await engine.identify()
    assert (identity.engine, identity.model) == ("ollama", "deepseek-ocr")
    assert identity.version
    assert identity.model_digest


async def test_the_device_is_known_after_an_answer(ollama_url: str) -> None:
    async with reading(ollama_url) as engine:
        prediction = await engine.predict(ask(Task.TEXT))
    assert prediction.identity.device in set(Device)


async def test_the_pieces_that_a_watcher_sees_are_the_text(ollama_url: str) -> None:
    pieces: list[str] = []
    async with reading(ollama_url) as engine:
        prediction = await engine.predict(ask(Task.TEXT), watch=pieces.append)
    assert "".join(pieces).startswith(prediction.text)


async def test_a_watcher_ends_the_answer(ollama_url: str) -> None:
    async with reading(ollama_url) as engine:
        prediction = await engine.predict(ask(Task.TEXT), watch=lambda _: StopReason.LOOP)
    assert prediction.stop is StopReason.LOOP


async def test_fingerprints_differ_by_task_and_by_query_only(ollama_url: str) -> None:
    async with reading(ollama_url) as engine:
        prints = [await engine.fingerprint(task, None) for task in (Task.MARKDOWN, Task.TEXT, Task.TEXT)]
        prints += [await engine.fingerprint(Task.LOCATE, query) for query in ("a table", "a title")]
    assert len(set(prints)) == 4
