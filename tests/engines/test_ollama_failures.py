"""Each way in which Ollama fails is an error of its own that says what to do. None of them is a short answer."""

import socket
import time
from collections.abc import Iterator

import anyio
import pytest

from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.ollama.engine import OllamaEngine
from ocr_mcp.errors import (
    EngineBusyError,
    EngineCrashedError,
    EngineError,
    EngineProtocolError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    ModelLoadError,
    ModelMissingError,
)
from ocr_mcp.model.predictions import StopReason
from tests.doubles.ollama_server import Fault, OllamaDouble
from tests.engines.pictures import ask

pytestmark = pytest.mark.anyio

SHORT = EngineTimeouts(connect_seconds=1, first_output_seconds=0.4, stall_seconds=0.3, total_seconds=5)
SOON = 2.5
"""Seconds in which an error of the short limits must be there, generously."""


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


async def failure(url: str, *, model: str = "deepseek-ocr", timeouts: EngineTimeouts = SHORT) -> EngineError:
    """The error of one prediction."""
    engine = OllamaEngine(hosts=[url], model=model, timeouts=timeouts)
    try:
        with pytest.raises(EngineError) as caught:
            await engine.predict(ask())
    finally:
        await engine.aclose()
    return caught.value


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    ("fault", "error", "message", "hint"),
    [
        (Fault.BUSY, EngineBusyError, "is busy: server busy, please try again. maximum", "Try again"),
        (Fault.CRASH, EngineCrashedError, "unexpectedly stopped", "log"),
        (Fault.LOAD_FAILURE, ModelLoadError, "could not load the model", "Free memory"),
        (Fault.PROMPT_TOO_LONG, EngineRefusedError, "exceeds the context length", "smaller region"),
        (Fault.NO_VISION, EngineRefusedError, "does not support image input", "ollama pull deepseek-ocr"),
        (Fault.HTML_502, EngineProtocolError, "HTTP 502", "proxy"),
        (Fault.REDIRECT, EngineProtocolError, "redirects to another address (HTTP 307)", "not followed"),
        (Fault.GARBAGE, EngineProtocolError, "not its JSON: this is not JSON", "Check that the address"),
        (Fault.ERROR_LINE, EngineCrashedError, "CUDA error", "Try again"),
        (Fault.NO_DONE, EngineProtocolError, "ended without done", "try the page again"),
        (Fault.CUT, EngineProtocolError, "cut the connection", "try the page again"),
        (Fault.DONE_LOAD, EngineProtocolError, "with the reason 'load'", "not complete"),
        (Fault.DONE_WITHOUT_REASON, EngineProtocolError, "with the reason ''", "not complete"),
    ],
)
async def test_each_failure_is_its_own_error(
    ollama: OllamaDouble, fault: Fault, error: type[EngineError], message: str, hint: str
) -> None:
    ollama.fault = fault
    caught = await failure(ollama.url)
    assert type(caught) is error
    assert caught.message.startswith(f"Ollama at {ollama.url} ")
    assert message in caught.message
    assert hint in f"{caught.hint} {caught.message}"


async def test_a_redirect_is_not_followed(ollama: OllamaDouble) -> None:
    ollama.fault = Fault.REDIRECT
    await failure(ollama.url)
    assert ollama.requests_to("/elsewhere") == []


async def test_nothing_listening_says_how_to_start_ollama() -> None:
    caught = await failure(f"127.0.0.1:{free_port()}")
    assert isinstance(caught, EngineUnavailableError)
    assert "ollama serve" in caught.hint
    assert "OLLAMA_HOST" in caught.hint


async def test_a_host_name_that_does_not_exist_is_unreachable() -> None:
    assert isinstance(await failure("http://no-such-host.invalid"), EngineUnavailableError)


async def test_a_missing_model_says_how_to_get_it(ollama: OllamaDouble) -> None:
    ollama.model = "other:latest"
    caught = await failure(ollama.url)
    assert isinstance(caught, ModelMissingError)
    assert str(caught) == f"Ollama at {ollama.url} has no model 'deepseek-ocr'. Run 'ollama pull deepseek-ocr' there."


async def test_a_model_removed_meanwhile_is_missing_too(ollama: OllamaDouble) -> None:
    engine = OllamaEngine(hosts=[ollama.url])
    await engine.identify()
    ollama.model = None
    with pytest.raises(ModelMissingError):
        await engine.predict(ask())
    with pytest.raises(ModelMissingError):
        await engine.identify()
    await engine.aclose()


async def test_an_old_ollama_says_which_version_is_needed(ollama: OllamaDouble) -> None:
    ollama.version = "0.12.11"
    caught = await failure(ollama.url)
    assert isinstance(caught, EngineRefusedError)
    assert "0.12.11" in caught.message
    assert "0.13.0" in caught.message
    assert "Update Ollama" in caught.hint


async def test_a_model_without_vision_is_refused_before_a_page_is_sent(ollama: OllamaDouble) -> None:
    ollama.shown = {"capabilities": ["completion"]}
    caught = await failure(ollama.url)
    assert isinstance(caught, EngineRefusedError)
    assert "cannot see pictures" in caught.message
    assert ollama.generations == []


async def test_another_program_at_the_address_is_not_ollama(ollama: OllamaDouble) -> None:
    caught = await failure(f"{ollama.url}/elsewhere")
    assert isinstance(caught, EngineProtocolError)


async def test_what_the_server_says_is_shortened_to_one_printable_line(ollama: OllamaDouble) -> None:
    ollama.version = "0.12.0\x1b[31m\n" + "x" * 1000
    message = (await failure(ollama.url)).message
    assert message.isprintable()
    assert len(message) < 200


# ---------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.STALL_FIRST, "no first output within 0.4 s"),
        (Fault.DRIP_EMPTY_LINES, "no first output within 0.4 s"),
        (Fault.STALL_MIDDLE, "stalled: no new text for 0.3 s"),
        (Fault.DRIP_BYTES, "stalled: no new text for 0.3 s"),
    ],
)
async def test_silence_and_drips_without_text_end_in_time(ollama: OllamaDouble, fault: Fault, message: str) -> None:
    """A drip of bytes defeats the read time-out of an HTTP client."""
    ollama.fault = fault
    start = time.monotonic()
    caught = await failure(ollama.url)
    assert time.monotonic() - start < SOON
    assert isinstance(caught, EngineTimeoutError)
    assert message in caught.message
    assert caught.hint


async def test_an_answer_that_never_ends_passes_the_total_limit(ollama: OllamaDouble) -> None:
    ollama.fault, ollama.piece_seconds = Fault.LOOP, 0.01
    caught = await failure(ollama.url, timeouts=EngineTimeouts(total_seconds=0.5))
    assert isinstance(caught, EngineTimeoutError)
    assert "after 0.5 s in total" in caught.message


@pytest.mark.parametrize("path", ["/api/version", "/api/tags", "/api/show", "/api/ps"])
async def test_a_hung_ollama_is_given_up_before_a_page_is_sent(ollama: OllamaDouble, path: str) -> None:
    ollama.silent_paths = {path}
    caught = await failure(ollama.url, timeouts=EngineTimeouts(total_seconds=0.5))
    assert isinstance(caught, EngineTimeoutError)
    assert ollama.generations == []


async def test_an_answer_is_not_lost_because_nobody_tells_the_device(ollama: OllamaDouble) -> None:
    engine = OllamaEngine(hosts=[ollama.url], timeouts=EngineTimeouts(total_seconds=0.5))
    await engine.identify()
    ollama.silent_paths = {"/api/ps"}
    prediction = await engine.predict(ask())
    assert (prediction.stop, prediction.identity.device) == (StopReason.STOP, None)
    await engine.aclose()


async def test_a_time_out_frees_the_model(ollama: OllamaDouble) -> None:
    ollama.fault = Fault.STALL_MIDDLE
    await failure(ollama.url)
    assert ollama.generations[0].client_left.wait(1)


async def test_text_that_keeps_coming_is_never_a_stall() -> None:
    with OllamaDouble(answer="word " * 30, piece_seconds=0.02) as ollama:
        engine = OllamaEngine(hosts=[ollama.url], timeouts=SHORT)
        prediction = await engine.predict(ask())
        await engine.aclose()
    assert prediction.stop is StopReason.STOP
    assert prediction.seconds > SHORT.stall_seconds


async def test_waiting_in_ollamas_queue_is_waiting_for_first_output() -> None:
    """Ollama queues silently, so the limit has to cover the pages before this one."""
    stops: list[StopReason] = []
    with OllamaDouble(latency_seconds=0.5, slots=1) as ollama:
        limits = EngineTimeouts(first_output_seconds=0.8)
        engine = OllamaEngine(hosts=[ollama.url], parallel_per_host=2, timeouts=limits)
        await engine.identify()

        async def read() -> None:
            stops.append((await engine.predict(ask())).stop)

        with pytest.RaisesGroup(pytest.RaisesExc(EngineTimeoutError, match="no first output within 0.8 s")):
            async with anyio.create_task_group() as group:
                group.start_soon(read)
                group.start_soon(read)
        await engine.aclose()
    assert stops == [StopReason.STOP]
