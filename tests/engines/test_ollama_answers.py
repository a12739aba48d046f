"""What the engine makes of complete answers, and how it ends those that are not wanted any more."""

from collections.abc import Iterator

import anyio
import anyio.to_thread
import pytest

from ocr_mcp.model.predictions import Device, EngineIdentity, StopReason, Task, TokenUsage
from tests.doubles.ollama_server import DIGEST, Fault, OllamaDouble
from tests.engines.pictures import ask
from tests.engines.reading import reading

pytestmark = pytest.mark.anyio


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


async def test_an_answer_says_everything_about_itself(ollama: OllamaDouble) -> None:
    async with reading(ollama.url) as engine:
        prediction = await engine.predict(ask(Task.TEXT))
    assert prediction.text == "Hello world, this page is read."
    assert prediction.usage == TokenUsage(prompt=903 + 2 + 2, vision=903, text=8)
    assert prediction.identity == EngineIdentity(
        engine="ollama",
        model="deepseek-ocr",
        model_digest=DIGEST,
        version="0.33.0",
        generation="C",
        device=Device.GPU,
        host=ollama.url,
    )


@pytest.mark.parametrize(("size_vram", "device"), [(6_700_000_000, Device.GPU), (1, Device.PARTLY), (0, Device.CPU)])
async def test_the_device_is_where_ollama_says_the_model_lies(
    ollama: OllamaDouble, size_vram: int, device: Device
) -> None:
    ollama.size_vram = size_vram
    async with reading(ollama.url) as engine:
        prediction = await engine.predict(ask())
    assert prediction.identity.device is device


async def test_the_device_is_unknown_before_the_model_is_loaded(ollama: OllamaDouble) -> None:
    async with reading(ollama.url) as engine:
        assert (await engine.identify()).device is None


async def test_vision_tokens_that_contradict_the_count_are_not_claimed(ollama: OllamaDouble) -> None:
    ollama.prompt_tokens = 5
    async with reading(ollama.url) as engine:
        usage = (await engine.predict(ask())).usage
    assert (usage.prompt, usage.vision) == (5, None)


async def test_a_leaked_end_token_is_not_text() -> None:
    with OllamaDouble(answer="# Title\n\n  text  <｜end▁of▁sentence｜>") as ollama:
        async with reading(ollama.url) as engine:
            prediction = await engine.predict(ask())
    assert prediction.text == "# Title\n\n  text  "


async def test_nothing_else_that_the_model_wrote_is_stripped() -> None:
    with OllamaDouble(answer="\n  # Title \n\n") as ollama:
        async with reading(ollama.url) as engine:
            prediction = await engine.predict(ask())
    assert prediction.text == "\n  # Title \n\n"


async def test_an_empty_answer_is_an_answer() -> None:
    with OllamaDouble(answer="") as ollama:
        async with reading(ollama.url) as engine:
            prediction = await engine.predict(ask())
    assert (prediction.text, prediction.stop, prediction.usage.text) == ("", StopReason.STOP, 0)


async def test_an_answer_cut_by_the_token_limit_says_so() -> None:
    with OllamaDouble(fault=Fault.LENGTH) as ollama:
        async with reading(ollama.url) as engine:
            prediction = await engine.predict(ask())
    assert prediction.stop is StopReason.LENGTH
    assert "Hello world, this page is read.".startswith(prediction.text)


async def test_an_answer_may_depend_on_the_picture() -> None:
    with OllamaDouble(answer=lambda call: f"{call.width} x {call.height}") as ollama:
        async with reading(ollama.url) as engine:
            prediction = await engine.predict(ask(width=300, height=200))
    assert prediction.text == "300 x 200"


# ---------------------------------------------------------------- ending an answer


async def has_left(ollama: OllamaDouble, *, within_seconds: float) -> bool:
    """Whether the client's connection closed in that time."""
    return await anyio.to_thread.run_sync(ollama.generations[0].client_left.wait, within_seconds)


async def test_a_loop_is_left_when_the_watcher_says_so() -> None:
    seen: list[str] = []

    def watch(piece: str) -> StopReason | None:
        seen.append(piece)
        return StopReason.LOOP if len(seen) == 5 else None

    with OllamaDouble(fault=Fault.LOOP, piece_seconds=0.005) as ollama:
        async with reading(ollama.url) as engine:
            prediction = await engine.predict(ask(), watch=watch)
            assert await has_left(ollama, within_seconds=1)
    assert (prediction.stop, prediction.text) == (StopReason.LOOP, "".join(seen))
    assert prediction.usage == TokenUsage()


async def test_cancelling_frees_the_model_within_a_second() -> None:
    with OllamaDouble(fault=Fault.LOOP, piece_seconds=0.005) as ollama:
        async with reading(ollama.url) as engine:
            with anyio.move_on_after(0.3):
                await engine.predict(ask())
            assert await has_left(ollama, within_seconds=1)
        assert ollama.running == 0


async def test_cancelling_while_the_model_loads_frees_it_too() -> None:
    with OllamaDouble(fault=Fault.STALL_FIRST) as ollama:
        async with reading(ollama.url) as engine:
            with anyio.move_on_after(0.3):
                await engine.predict(ask())
            assert await has_left(ollama, within_seconds=1)
