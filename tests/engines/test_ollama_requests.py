"""What the engine sends to Ollama."""

import base64
from collections.abc import Iterator

import pytest

from ocr_mcp.errors import TaskNotSupportedError
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.predictions import StopReason, Task
from tests.doubles.ollama_server import OllamaDouble
from tests.engines.pictures import ask, blank_page
from tests.engines.reading import reading

pytestmark = pytest.mark.anyio


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


async def test_the_request_is_greedy_bounded_and_streams(ollama: OllamaDouble) -> None:
    async with reading(ollama.url) as engine:
        await engine.predict(ask(Task.MARKDOWN))
    body = dict(ollama.generations[0].body)
    images = body.pop("images")
    assert images == [base64.b64encode(blank_page().data).decode()]
    assert body == {
        "model": "deepseek-ocr",
        "prompt": "<|grounding|>Convert the document to markdown.",
        "stream": True,
        "options": {"num_ctx": 8192, "num_predict": 6000, "temperature": 0, "repeat_penalty": 1.0},
    }


@pytest.mark.parametrize(
    ("task", "prompt"),
    [
        (Task.TEXT, "Free OCR."),
        (Task.LINES, "<|grounding|>OCR this image."),
        (Task.DESCRIBE, "Describe this image in detail."),
        (Task.CHART, "Parse the figure."),
    ],
)
async def test_prompts_are_sent_as_the_model_was_trained(ollama: OllamaDouble, task: Task, prompt: str) -> None:
    async with reading(ollama.url) as engine:
        await engine.predict(ask(task))
    assert ollama.generations[0].body["prompt"] == prompt


async def test_the_query_is_put_into_the_prompt(ollama: OllamaDouble) -> None:
    async with reading(ollama.url) as engine:
        await engine.predict(ask(Task.LOCATE, query="the total"))
    assert ollama.generations[0].body["prompt"] == "Locate <|ref|>the total<|/ref|> in the image."


async def test_locating_without_a_query_is_not_supported(ollama: OllamaDouble) -> None:
    async with reading(ollama.url) as engine:
        with pytest.raises(TaskNotSupportedError, match="look for"):
            await engine.predict(ask(Task.LOCATE))
    assert ollama.generations == []


async def test_a_task_without_a_prompt_is_refused_before_any_work(ollama: OllamaDouble) -> None:
    prompts = {Task.TEXT: DEEPSEEK_OCR.prompts[Task.TEXT]}
    profile = DEEPSEEK_OCR.model_copy(update={"prompts": prompts})
    async with reading(ollama.url, profile=profile) as engine:
        with pytest.raises(TaskNotSupportedError, match="cannot do the task 'chart'"):
            await engine.predict(ask(Task.CHART))
    assert ollama.generations == []


async def test_charts_get_short_answers(ollama: OllamaDouble) -> None:
    async with reading(ollama.url) as engine:
        await engine.predict(ask(Task.CHART))
    options = ollama.generations[0].body["options"]
    assert options == {"num_ctx": 8192, "num_predict": 2000, "temperature": 0, "repeat_penalty": 1.0}


@pytest.mark.parametrize(
    ("version", "starts", "has_shift"), [("0.20.0", "\n", True), ("0.31.0", "F", False), ("0.32.2", "F", False)]
)
async def test_only_the_old_engine_gets_a_line_end_and_no_shift(
    ollama: OllamaDouble, version: str, starts: str, has_shift: bool
) -> None:
    """Generation A drops the beginning of long answers unless told; on B and C the field reloads the model."""
    ollama.version = version
    async with reading(ollama.url) as engine:
        await engine.predict(ask(Task.TEXT))
    body = ollama.generations[0].body
    assert str(body["prompt"]).startswith(starts)
    assert ("shift" in body) is has_shift
    assert body.get("shift", False) is False


@pytest.mark.parametrize(("keep_alive", "sent"), [("10m", "10m"), ("300", 300), ("-1", -1)])
async def test_bare_seconds_to_keep_the_model_are_sent_as_a_number(
    ollama: OllamaDouble, keep_alive: str, sent: object
) -> None:
    """Ollama refuses a string without a unit."""
    async with reading(ollama.url, keep_alive=keep_alive) as engine:
        await engine.predict(ask())
    assert ollama.generations[0].body["keep_alive"] == sent


async def test_no_key_from_the_environment_leaves_the_machine(
    ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The `ollama` package would send OLLAMA_API_KEY to any host."""
    monkeypatch.setenv("OLLAMA_API_KEY", "secret")
    async with reading(ollama.url) as engine:
        await engine.predict(ask())
    assert all("authorization" not in request.headers for request in ollama.requests)


async def test_the_key_of_the_settings_goes_with_every_request(
    ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "other")
    async with reading(ollama.url, api_key="mine") as engine:
        await engine.predict(ask())
    assert {request.headers.get("authorization") for request in ollama.requests} == {"Bearer mine"}


async def test_a_proxy_of_the_environment_is_not_used(ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with reading(ollama.url) as engine:
        prediction = await engine.predict(ask())
    assert prediction.stop is StopReason.STOP
