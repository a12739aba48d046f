"""Workers that are killed, die and misbehave."""

import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from ocr_mcp.errors import EncryptedError
from ocr_mcp.workers.pool import WorkerPool
from ocr_mcp.workers.process import (
    Worker,
    WorkerDiedError,
    WorkerFailedError,
    WorkerLimits,
    WorkerMemoryError,
    WorkerStartError,
    WorkerTimeoutError,
)

pytestmark = pytest.mark.anyio
MODULE = "misbehaving_worker"


@asynccontextmanager
async def started(limits: WorkerLimits | None = None) -> AsyncGenerator[Worker, None]:
    worker = Worker(MODULE, limits=limits)
    try:
        yield worker
    finally:
        await worker.aclose()


async def echo_pid(worker: Worker) -> int:
    header, _ = await worker.call("echo", deadline_seconds=10)
    pid = header["pid"]
    assert isinstance(pid, int)
    return pid


def process_is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(3):
        while not condition():  # noqa: ASYNC110  nobody sends an event when a process of the system ends
            await anyio.sleep(0.01)


async def test_a_call_brings_arguments_and_payload_there_and_back() -> None:
    payload = os.urandom(3_000_000)
    async with started() as worker:
        header, answer = await worker.call("echo", {"page": 1}, payload, deadline_seconds=10)
    assert (header["arguments"], answer) == ({"page": 1}, payload)


async def test_prints_of_a_handler_never_reach_the_wire_and_its_stdin_is_empty() -> None:
    async with started() as worker:
        header, answer = await worker.call("chatter", None, b"kept", deadline_seconds=10)
    assert (header, answer) == ({"stdin": ""}, b"kept")


async def test_a_worker_is_killed_at_its_deadline_and_the_next_call_works() -> None:
    async with started() as worker:
        first = await echo_pid(worker)
        began = time.monotonic()
        with pytest.raises(WorkerTimeoutError, match=r"0\.3 s"):
            await worker.call("hang", deadline_seconds=0.3)
        assert time.monotonic() - began < 0.8
        assert process_is_gone(first)
        assert (await echo_pid(worker)) != first
        assert worker.generation == 2


async def test_cancelling_a_call_kills_its_worker() -> None:
    async with started() as worker:
        pid = await echo_pid(worker)
        with anyio.move_on_after(0.2):
            await worker.call("hang", deadline_seconds=60)
        assert process_is_gone(pid)
        assert not worker.running


async def test_closing_ends_a_call_in_progress() -> None:
    async with started() as worker:
        await echo_pid(worker)
        async with anyio.create_task_group() as tasks:

            async def wait_for_nothing() -> None:
                with pytest.raises(WorkerDiedError):
                    await worker.call("hang", deadline_seconds=60)

            tasks.start_soon(wait_for_nothing)
            await anyio.sleep(0.1)
            await worker.aclose()
        with pytest.raises(anyio.ClosedResourceError):
            await worker.call("echo", deadline_seconds=1)


async def test_a_worker_that_dies_is_reported_with_its_exit_and_replaced() -> None:
    async with started() as worker:
        with pytest.raises(WorkerDiedError, match="7") as caught:
            await worker.call("die", deadline_seconds=10)
        assert caught.value.returncode == 7
        assert await echo_pid(worker)


async def test_a_worker_that_was_killed_from_outside_while_idle_is_replaced() -> None:
    async with started() as worker:
        pid = await echo_pid(worker)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not worker.running)
        assert await echo_pid(worker) != pid


async def test_an_error_of_the_tree_arrives_as_its_own_class() -> None:
    async with started() as worker:
        with pytest.raises(EncryptedError) as caught:
            await worker.call("refuse", deadline_seconds=10)
        assert (caught.value.message, caught.value.hint) == ("The PDF needs a password.", "Save a copy without one.")


async def test_any_other_error_arrives_without_the_text_it_quotes() -> None:
    async with started() as worker:
        with pytest.raises(WorkerFailedError, match="ZeroDivisionError") as caught:
            await worker.call("fail", deadline_seconds=10)
        assert "document" not in str(caught.value)
        with pytest.raises(WorkerFailedError, match="KeyError"):
            await worker.call("unknown", deadline_seconds=10)
        assert worker.generation == 1


async def test_a_call_over_the_memory_limit_is_typed_and_the_next_one_works() -> None:
    async with started(WorkerLimits(memory_bytes=500_000_000)) as worker:
        with pytest.raises(WorkerMemoryError):
            await worker.call("hoard", deadline_seconds=10)
        assert await echo_pid(worker)


async def test_a_worker_is_replaced_after_its_calls() -> None:
    async with started(WorkerLimits(calls=2)) as worker:
        pids = [await echo_pid(worker) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_a_module_that_does_not_start_is_an_error_and_not_a_hang() -> None:
    worker = Worker("no_such_worker_module")
    with pytest.raises(WorkerStartError):
        await worker.call("echo", deadline_seconds=10)
    await worker.aclose()


async def test_secrets_of_the_environment_stay_with_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "HTTPS_PROXY", "HOME"):
        monkeypatch.setenv(name, "secret")
    async with started() as worker:
        header, _ = await worker.call("environment", deadline_seconds=10)
    assert "PATH" in header
    assert "secret" not in header.values()


async def test_children_report_to_nobody() -> None:
    """By default onnxruntime sends what it does to its maker, unless this is set before it is imported."""
    async with started() as worker:
        header, _ = await worker.call("environment", deadline_seconds=10)
    assert header["ORT_DISABLE_TELEMETRY"] == "1"


async def test_a_pool_prefers_a_worker_that_runs_and_never_leases_one_twice() -> None:
    pool = WorkerPool(MODULE, 2)
    async with pool.lease() as first:
        pid = await echo_pid(first)
    async with pool.lease() as again:
        assert again is first
        async with pool.lease() as second:
            assert second is not first
            await echo_pid(second)
    async with pool.lease(prefer=lambda worker: worker is second) as chosen:
        assert chosen is second
    async with pool.lease(prefer=lambda worker: worker is first) as chosen:
        assert await echo_pid(chosen) == pid
    await pool.aclose()
    assert not first.running


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
async def test_a_hung_worker_does_not_outlive_a_parent_that_was_killed() -> None:
    program = (
        "import anyio\nfrom ocr_mcp.workers.process import Worker\n"
        "async def main():\n"
        f"    worker = Worker({MODULE!r})\n"
        "    print((await worker.call('echo', deadline_seconds=10))[0]['pid'], flush=True)\n"
        "    await worker.call('hang', deadline_seconds=60)\n"
        "anyio.run(main)\n"
    )
    async with await anyio.open_process([sys.executable, "-c", program], stderr=None) as parent:
        assert parent.stdout is not None
        pid = int(await parent.stdout.receive())
        parent.kill()
    await until(lambda: process_is_gone(pid))
