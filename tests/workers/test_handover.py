"""Large documents reach a worker as memory that nobody can change any more."""

import mmap
import os
import sys
from pathlib import Path

import anyio
import pytest

from ocr_mcp.workers.handover import SealedBytes, copy_sealed
from ocr_mcp.workers.process import Worker, WorkerDiedError, WorkerLimits, WorkerMemoryError
from tests.workers.test_process import MODULE, echo_pid, until

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is handed over on Linux only"),
]
CONTENT = os.urandom(3_000_000)


@pytest.fixture
def sealed(tmp_path: Path) -> SealedBytes:
    path = tmp_path / "document"
    path.write_bytes(CONTENT)
    with path.open("rb") as file:
        copy = copy_sealed(file.fileno(), max_bytes=len(CONTENT) + 1)
    assert copy is not None
    return copy


def test_a_copy_has_the_content_of_the_file_when_it_was_made(sealed: SealedBytes, tmp_path: Path) -> None:
    (tmp_path / "document").write_bytes(b"something else")
    assert sealed[:] == CONTENT


def test_no_more_is_copied_than_may_be(tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_bytes(CONTENT)
    with path.open("rb") as file:
        copy = copy_sealed(file.fileno(), max_bytes=1_000)
    assert copy is not None
    assert copy[:] == CONTENT[:1_000]


def test_what_cannot_be_copied_is_left_to_others(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    (tmp_path / "empty").touch()
    with (tmp_path / "empty").open("rb") as empty:
        assert copy_sealed(empty.fileno(), max_bytes=9) is None
    assert copy_sealed(writing, max_bytes=9) is None
    os.close(reading)
    os.close(writing)


def test_nobody_can_change_it(sealed: SealedBytes) -> None:
    with pytest.raises(TypeError):
        sealed[0] = 0
    with pytest.raises(PermissionError):
        os.pwrite(sealed.descriptor, b"x", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(sealed.descriptor, 1)
    with pytest.raises(PermissionError):
        mmap.mmap(sealed.descriptor, 0)
    assert sealed[:] == CONTENT


async def test_a_worker_gets_it_again_and_again_and_after_it_was_started_anew(sealed: SealedBytes) -> None:
    worker = Worker(MODULE)
    pids = set[int]()
    for _ in range(2):
        for _ in range(3):
            header, answer = await worker.call("echo", {"a": 1}, sealed, deadline_seconds=10)
            assert (header["arguments"], answer) == ({"a": 1}, CONTENT)
            assert await worker.call("echo", {}, b"small", deadline_seconds=10) == (
                header | {"arguments": {}},
                b"small",
            )
        pids.add(await echo_pid(worker))
        with pytest.raises(WorkerDiedError):
            await worker.call("die", {}, sealed, deadline_seconds=10)
    await worker.aclose()
    assert len(pids) == 2


async def test_a_worker_that_is_gone_is_started_anew_for_it(sealed: SealedBytes) -> None:
    worker = Worker(MODULE)
    pid = await echo_pid(worker)
    os.kill(pid, 9)
    await until(lambda: not worker.running)
    assert (await worker.call("echo", {}, sealed, deadline_seconds=10))[1] == CONTENT
    await worker.aclose()


async def test_no_descriptor_is_left(sealed: SealedBytes) -> None:
    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = descriptors()
    for _ in range(3):
        worker = Worker(MODULE)
        await worker.call("echo", {}, sealed, deadline_seconds=10)
        await worker.aclose()
    await anyio.sleep(0.05)
    assert descriptors() <= before


async def test_memory_that_has_no_room_in_a_worker_is_a_matter_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "document"
    with path.open("wb") as file:
        file.truncate(400_000_000)
    with path.open("rb") as file:
        large = copy_sealed(file.fileno(), max_bytes=400_000_000)
    assert large is not None
    worker = Worker(MODULE, limits=WorkerLimits(memory_bytes=300_000_000))
    with pytest.raises(WorkerMemoryError):
        await worker.call("echo", {}, large, deadline_seconds=10)
    assert (await worker.call("echo", {}, b"small", deadline_seconds=10))[1] == b"small"
    await worker.aclose()
