"""What the engine asks of OpenAI-compatible servers, and how their failures are named."""

import base64
import time
from collections.abc import Iterator

import anyio
import anyio.to_thread
import pytest

from ocr_mcp.engines.base import Engine
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.openai.engine import OpenAICompatibleEngine, api_url
from ocr_mcp.errors import (
    EngineBusyError,
    EngineCrashedError,
    EngineError,
    EngineProtocolError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    ModelMissingError,
    UsageError,
)
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.predictions import EngineIdentity, Prediction, StopReason, Task, TokenUsage
from tests.doubles.openai_server import OpenAIDouble, OpenAIFault
from tests.engines.pictures import ask, blank_page
from tests.engines.test_ollama_failures import SHORT, SOON, free_port

pytestmark = pytest.mark.anyio

MODEL = "deepseek-ai/DeepSeek-OCR"


@pytest.fixture
def vllm() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


async def predict(
    url: str, task: Task = Task.TEXT, *, model: str | None = None, api_key: str | None = None
) -> Prediction:
    """One page."""
    engine = OpenAICompatibleEngine(base_url=url, model=model, api_key=api_key, timeouts=SHORT)
    try:
        return await engine.predict(ask(task))
    finally:
        await engine.aclose()


async def test_vllm_gets_the_picture_before_the_text_and_its_own_sampler(vllm: OpenAIDouble) -> None:
    await predict(vllm.url, Task.MARKDOWN)
    data = base64.b64encode(blank_page().data).decode()
    assert vllm.completions[0].body == {
        "model": MODEL,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}},
                    {"type": "text", "text": "<|grounding|>Convert the document to markdown."},
                ],
            }
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0,
        "max_tokens": 6000,
        "skip_special_tokens": False,
        "vllm_xargs": {"ngram_size": 30, "window_size": 90, "whitelist_token_ids": [128821, 128822]},
    }


async def test_a_strict_server_gets_no_field_that_openai_does_not_know() -> None:
    with OpenAIDouble(owner="organization_owner", strict=True) as server:
        assert (await predict(server.url)).stop is StopReason.STOP


async def test_an_answer_says_everything_about_itself(vllm: OpenAIDouble) -> None:
    prediction = await predict(vllm.url)
    assert prediction.text == "Hello world, this page is read."
    assert prediction.usage == TokenUsage(prompt=913, vision=None, text=6)
    assert prediction.identity == EngineIdentity(engine="openai", model=MODEL, version="0.14.1", host=f"{vllm.url}/v1")


@pytest.mark.parametrize(("owner", "version"), [("vllm", "0.14.1"), ("llamacpp", "b9999-abcdef"), ("else", None)])
async def test_the_version_is_known_where_the_server_can_be_asked(owner: str, version: str | None) -> None:
    with OpenAIDouble(owner=owner) as server:
        assert (await predict(server.url)).identity.version == version


async def test_an_answer_cut_by_the_token_limit_says_so(vllm: OpenAIDouble) -> None:
    vllm.fault = OpenAIFault.LENGTH
    assert (await predict(vllm.url)).stop is StopReason.LENGTH


async def test_the_key_goes_with_every_request(vllm: OpenAIDouble) -> None:
    await predict(vllm.url, api_key="mine")
    assert {request.headers.get("authorization") for request in vllm.requests} == {"Bearer mine"}


async def test_a_model_that_is_not_served_is_missing(vllm: OpenAIDouble) -> None:
    with pytest.raises(ModelMissingError, match=MODEL):
        await predict(vllm.url, model="DeepSeek-OCR")


async def test_llama_server_takes_any_name_for_its_one_model() -> None:
    with OpenAIDouble(owner="llamacpp", model="/models/x.gguf") as server:
        assert (await predict(server.url, model="deepseek-ocr")).identity.model == "deepseek-ocr"


async def test_an_unknown_model_is_refused_unless_a_profile_is_named() -> None:
    with OpenAIDouble(model="llava") as server:
        with pytest.raises(EngineRefusedError, match="Known families"):
            await predict(server.url)
        engine = OpenAICompatibleEngine(base_url=server.url, profile=DEEPSEEK_OCR)
        assert (await engine.predict(ask())).stop is StopReason.STOP
        await engine.aclose()


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (OpenAIFault.LOADING, EngineBusyError, "Loading model"),
        (OpenAIFault.TOO_LONG, EngineRefusedError, "maximum context length"),
        (OpenAIFault.CRASH, EngineCrashedError, "EngineCore"),
        (OpenAIFault.ERROR_EVENT, EngineCrashedError, "CUDA error"),
        (OpenAIFault.NO_DONE, EngineProtocolError, r"without \[DONE\]"),
        (OpenAIFault.NO_FINISH_REASON, EngineProtocolError, "with the reason 'None'"),
        (OpenAIFault.GARBAGE, EngineProtocolError, "not its JSON"),
        (OpenAIFault.STALL_FIRST, EngineTimeoutError, "no first output"),
        (OpenAIFault.STALL_MIDDLE, EngineTimeoutError, "stalled"),
        (OpenAIFault.DRIP_COMMENTS, EngineTimeoutError, "stalled"),
    ],
)
async def test_each_failure_is_its_own_error(
    vllm: OpenAIDouble, fault: OpenAIFault, error: type[EngineError], message: str
) -> None:
    vllm.fault = fault
    start = time.monotonic()
    with pytest.raises(error, match=message) as caught:
        await predict(vllm.url)
    assert time.monotonic() - start < SOON
    assert caught.value.hint


async def test_nothing_listening_is_unavailable() -> None:
    with pytest.raises(EngineUnavailableError, match="cannot be reached"):
        await predict(f"http://127.0.0.1:{free_port()}")


async def test_cancelling_closes_the_stream_at_once() -> None:
    with OpenAIDouble(answer="word " * 1000, piece_seconds=0.01) as server:
        engine = OpenAICompatibleEngine(base_url=server.url)
        with anyio.move_on_after(0.3):
            await engine.predict(ask())
        assert await anyio.to_thread.run_sync(server.completions[0].client_left.wait, 1)
        await engine.aclose()


async def test_a_watcher_ends_the_answer() -> None:
    with OpenAIDouble(answer="word " * 1000, piece_seconds=0.01) as server:
        engine = OpenAICompatibleEngine(base_url=server.url, timeouts=EngineTimeouts(total_seconds=10))
        prediction = await engine.predict(ask(), watch=lambda _: StopReason.LOOP)
        assert (prediction.text, prediction.stop) == ("word", StopReason.LOOP)
        assert await anyio.to_thread.run_sync(server.completions[0].client_left.wait, 1)
        await engine.aclose()


async def test_the_fingerprint_changes_with_the_task_and_the_server(vllm: OpenAIDouble) -> None:
    with OpenAIDouble() as other:
        prints: set[str] = set()
        for url in (vllm.url, other.url):
            engine: Engine = OpenAICompatibleEngine(base_url=url)
            prints |= {await engine.fingerprint(task, None) for task in (Task.TEXT, Task.MARKDOWN)}
            await engine.aclose()
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
        (" https://example.com/api/v3 ", "https://example.com/api/v3"),
    ],
)
def test_the_address_may_be_written_with_or_without_its_version(written: str, url: str) -> None:
    assert api_url(written) == url


@pytest.mark.parametrize(
    "written", ["", "127.0.0.1:8000", "ftp://host", "http://me:secret@host", "http://host/v1?key=1"]
)
def test_an_address_that_cannot_be_used_is_a_usage_error(written: str) -> None:
    with pytest.raises(UsageError) as caught:
        api_url(written)
    assert "secret" not in str(caught.value)
