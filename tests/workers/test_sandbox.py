"""A parser that a file has taken over finds nothing to read, nobody to talk to and nothing to start."""

import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from ocr_mcp.workers.frames import Header
from ocr_mcp.workers.process import Worker, WorkerFailedError

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's"),
]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module, so that its tests share the two workers."""
    return "asyncio"


@pytest.fixture(scope="module")
async def confined() -> AsyncGenerator[Worker, None]:
    async for worker in started(free=False):
        yield worker


@pytest.fixture(scope="module")
async def free() -> AsyncGenerator[Worker, None]:
    """The same program without its sandbox: what is refused in it is refused by the machine, not by the sandbox."""
    async for worker in started(free=True):
        yield worker


async def started(*, free: bool) -> AsyncGenerator[Worker, None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        if free:
            patch.setenv("LC_FREE", "1")  # variables of the locale are passed on
        worker = Worker("sandboxed_worker")
        await worker.call("start_thread", deadline_seconds=10)
    yield worker
    await worker.aclose()


async def attempted(worker: Worker, attempt: str, arguments: Header | None = None) -> bool:
    """Whether it was refused."""
    header, _ = await worker.call(attempt, arguments, deadline_seconds=10)
    return header["refused"] is True


FILES = ("read_file", "read_own_program", "list_folder", "write_file", "read_parent_environment")
OTHERS = ("listen", "connect_unix", "fork", "spawn", "signal_parent", "trace_parent", "execute")


@pytest.mark.parametrize("attempt", FILES)
async def test_no_file_can_be_opened(attempt: str, confined: Worker) -> None:
    if "landlock" not in confined.sandbox:
        pytest.skip("the kernel has no Landlock")
    assert await attempted(confined, attempt)


@pytest.mark.parametrize("attempt", OTHERS)
async def test_no_socket_process_or_program_can_be_made(attempt: str, confined: Worker) -> None:
    if "seccomp" not in confined.sandbox:
        pytest.skip("the kernel takes no filter of system calls, or this processor's numbers are not known")
    assert await attempted(confined, attempt)


@pytest.mark.parametrize(("kind", "attempt"), [("stream", "connect"), ("datagram", "send_datagram")])
async def test_no_server_on_this_machine_can_be_reached(
    kind: str, attempt: str, confined: Worker, free: Worker
) -> None:
    if "seccomp" not in confined.sandbox:
        pytest.skip("the kernel takes no filter of system calls, or this processor's numbers are not known")
    with socket.socket(type=socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        if kind == "stream":
            server.listen()
        arguments: Header = {"port": int(server.getsockname()[1])}
        assert await attempted(confined, attempt, arguments)
        assert not await attempted(free, attempt, arguments)


@pytest.mark.parametrize("attempt", ["read_file", "list_folder", "fork", "spawn", "listen", "signal_parent"])
async def test_without_the_sandbox_the_same_attempts_succeed(attempt: str, free: Worker) -> None:
    assert free.sandbox == ()
    assert not await attempted(free, attempt)


async def test_threads_still_start_and_errors_are_still_typed(confined: Worker) -> None:
    header, _ = await confined.call("start_thread", deadline_seconds=10)
    assert header["sum"] == 499500
    with pytest.raises(WorkerFailedError, match="ZeroDivisionError"):
        await confined.call("fail", deadline_seconds=10)
    assert confined.generation == 1


async def test_a_worker_says_what_confines_it(confined: Worker) -> None:
    assert "rlimits" in confined.sandbox
    assert set(confined.sandbox) <= {"landlock", "seccomp", "rlimits"}
