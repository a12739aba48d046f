"""Several Ollamas share the pages by who is free."""

import time
from collections.abc import Sequence
from itertools import pairwise

import anyio
import pytest

from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.http.host_pool import HostPool
from ocr_mcp.engines.ollama.engine import OllamaEngine
from ocr_mcp.errors import EngineUnavailableError, ModelMissingError
from ocr_mcp.model.predictions import Prediction, Task
from tests.doubles.ollama_server import OllamaDouble
from tests.engines.pictures import ask
from tests.engines.test_ollama_failures import free_port

pytestmark = pytest.mark.anyio


async def read_all(engine: OllamaEngine, pages: int) -> Sequence[Prediction]:
    """That many pages at once."""
    done: list[Prediction] = []

    async def read() -> None:
        done.append(await engine.predict(ask()))

    async with anyio.create_task_group() as group:
        for _ in range(pages):
            group.start_soon(read)
    await engine.aclose()
    return done


async def test_no_host_gets_more_pages_at_once_than_its_slots() -> None:
    with OllamaDouble(latency_seconds=0.05, slots=9) as one, OllamaDouble(latency_seconds=0.05, slots=9) as two:
        engine = OllamaEngine(hosts=[one.url, two.url], parallel_per_host=2)
        done = await read_all(engine, 12)
    assert len(done) == engine.concurrency * 3
    assert (one.most_running, two.most_running) == (2, 2)
    assert len(one.generations) + len(two.generations) == 12


async def test_the_seconds_of_a_page_leave_out_its_wait_for_a_slot() -> None:
    with OllamaDouble(latency_seconds=0.3, slots=9) as ollama:
        done = await read_all(OllamaEngine(hosts=[ollama.url]), 4)
        arrived = sorted(request.arrived_at for request in ollama.generations)
    assert len(done) == 4
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(arrived))
    assert max(prediction.seconds for prediction in done) < 0.55


async def test_a_slow_page_does_not_use_up_the_time_of_the_next_one() -> None:
    """Its time counts from when it is sent, not from when it began to wait for a slot."""
    with OllamaDouble(latency_seconds=0.05) as ollama:
        timeouts = EngineTimeouts(first_output_seconds=0.8)
        engine = OllamaEngine(hosts=[ollama.url], timeouts=timeouts)
        await engine.predict(ask())
        ollama.latency_seconds = 0.6
        assert len(await read_all(engine, 3)) == 3


async def test_a_fast_host_reads_more_pages_than_a_slow_one() -> None:
    with OllamaDouble(latency_seconds=0.02) as fast, OllamaDouble(latency_seconds=0.4) as slow:
        start = time.monotonic()
        await read_all(OllamaEngine(hosts=[slow.url, fast.url]), 10)
        seconds = time.monotonic() - start
    assert len(slow.generations) < len(fast.generations)
    assert seconds < 2


async def test_a_host_that_cannot_be_reached_is_skipped_while_another_answers() -> None:
    with OllamaDouble() as ollama:
        engine = OllamaEngine(hosts=[f"127.0.0.1:{free_port()}", ollama.url])
        assert (await engine.identify()).host == ollama.url
        done = await read_all(engine, 4)
    assert {prediction.identity.host for prediction in done} == {ollama.url}


async def test_a_page_moves_on_from_a_host_that_went_down() -> None:
    with OllamaDouble() as two:
        with OllamaDouble() as one:
            engine = OllamaEngine(hosts=[one.url, two.url])
            assert (await engine.predict(ask())).identity.host == one.url
        assert (await engine.predict(ask())).identity.host == two.url
        await engine.aclose()


async def test_with_no_host_left_all_are_named() -> None:
    urls = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
    engine = OllamaEngine(hosts=urls)
    for attempt in (engine.identify, lambda: engine.predict(ask())):
        with pytest.raises(EngineUnavailableError) as caught:
            await attempt()
        assert all(url in caught.value.message for url in urls)
    await engine.aclose()


async def test_a_host_without_the_model_is_an_error_and_not_skipped() -> None:
    """Else a forgotten `ollama pull` would halve the speed and nobody would know."""
    with OllamaDouble() as one, OllamaDouble(model=None) as two:
        engine = OllamaEngine(hosts=[two.url, one.url])
        with pytest.raises(ModelMissingError, match=two.url):
            await engine.predict(ask())
        await engine.aclose()


async def test_the_fingerprint_names_the_models_of_all_hosts() -> None:
    """Any of them may give the answer, so a cache must not take one for the other."""
    with OllamaDouble() as one, OllamaDouble() as two:
        prints: list[str] = []
        for digest in ("aa" * 32, "bb" * 32):
            two.entry = {"digest": digest}
            engine = OllamaEngine(hosts=[one.url, two.url])
            prints.append(await engine.fingerprint(Task.TEXT, None))
            await engine.aclose()
    assert prints[0] != prints[1]


async def test_a_cancelled_page_gives_its_slot_back() -> None:
    pool = HostPool(["host"], slots=1)
    with anyio.move_on_after(0.05):
        async with pool.lease():
            await anyio.sleep_forever()
    with anyio.fail_after(1):
        async with pool.lease() as lease:
            assert lease.pooled.host == "host"


async def test_a_waiting_page_gets_the_slot_that_becomes_free() -> None:
    pool = HostPool(["host"], slots=1)
    order: list[int] = []

    async def work(number: int) -> None:
        async with pool.lease():
            order.append(number)
            await anyio.sleep(0.01)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(work, number)
    assert order == [0, 1, 2, 3, 4]


async def test_a_host_at_rest_works_only_if_all_are() -> None:
    pool = HostPool(["one", "two"], slots=1)
    one, two = pool.hosts
    one.rest()
    async with pool.lease() as lease:
        assert lease.pooled is two
    two.rest()
    async with pool.lease() as lease:
        assert lease.pooled is one


@pytest.mark.parametrize(("page_seconds", "ahead"), [(None, 0), (0.2, 1), (60.0, 0)])
async def test_requests_go_ahead_to_a_fast_host_and_get_slots_in_turn(page_seconds: float | None, ahead: int) -> None:
    pool = HostPool(["host"], slots=2)
    [host] = pool.hosts
    if page_seconds is not None:
        host.note_page(page_seconds)
    sent, answering, finish = list[int](), list[int](), anyio.Event()

    async def ask(number: int) -> None:
        async with pool.lease() as lease:
            sent.append(number)
            await lease.turn()
            answering.append(number)
            await finish.wait()

    async with anyio.create_task_group() as group:
        for number in range(4):
            group.start_soon(ask, number)
        await anyio.wait_all_tasks_blocked()
        assert (sent, answering) == (list(range(2 + ahead)), [0, 1])
        finish.set()
    assert answering == [0, 1, 2, 3]
