"""Claims: a page is computed by one process at a time, and never waits for a dead one."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from ocr_mcp.cache import Cache, claims, entries
from ocr_mcp.cache.claims import CLAIM_SECONDS
from ocr_mcp.cache.database import open_database
from ocr_mcp.cache.processes import Process
from tests.cache.test_values import Clock

pytestmark = pytest.mark.anyio

CLAIM_AND_WAIT = """
import sys, anyio
from pathlib import Path
from ocr_mcp.cache import Cache
async def main():
    cache = Cache(Path(sys.argv[1]), now=lambda: float(sys.argv[2]))
    print(await cache.claim("key"), flush=True)
    sys.stdin.readline()
anyio.run(main)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cache(path: Path, clock: Clock) -> AsyncIterator[Cache]:
    cache = Cache(path, now=clock)
    yield cache
    assert cache.problem is None
    await cache.aclose()


@pytest.fixture
def claimant(path: Path, clock: Clock) -> Iterator[subprocess.Popen[str]]:
    """Another process, which has claimed 'key' and lives."""
    command = [sys.executable, "-c", CLAIM_AND_WAIT, str(path), str(clock.seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


@pytest.fixture
def number_of_the_dead() -> int:
    """A process number that nobody has."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def kill_without_waiting(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def claims_in(path: Path) -> list[tuple[str, int]]:
    db = sqlite3.connect(path)
    rows = db.execute("SELECT key, pid FROM claims").fetchall()
    db.close()
    return rows


def insert_claim(path: Path, pid: int, birth: str, expires: float) -> None:
    db = sqlite3.connect(path)
    db.execute("INSERT INTO claims (key, pid, birth, expires) VALUES ('key', ?, ?, ?)", (pid, birth, expires))
    db.commit()
    db.close()


async def test_the_claim_of_a_living_process_holds_until_it_expires(
    cache: Cache, clock: Clock, claimant: subprocess.Popen[str]
) -> None:
    assert not await cache.claim("key")
    clock.seconds += CLAIM_SECONDS
    assert not await cache.claim("key")
    clock.seconds += 1
    assert await cache.claim("key")


async def test_the_claim_of_a_killed_process_is_free_at_once(cache: Cache, claimant: subprocess.Popen[str]) -> None:
    """Also while its parent has not waited for it, which the system calls a zombie."""
    kill_without_waiting(claimant.pid)
    assert await cache.claim("key")


async def test_a_process_that_got_the_number_of_the_owner_does_not_hold_its_claim(
    path: Path, cache: Cache, claimant: subprocess.Popen[str]
) -> None:
    assert not await cache.claim("key")
    db = sqlite3.connect(path)
    db.execute("UPDATE claims SET birth = birth || '0'")
    db.commit()
    db.close()
    assert await cache.claim("key")


async def test_a_claim_from_another_container_holds_until_it_expires(path: Path, cache: Cache, clock: Clock) -> None:
    """Its process numbers mean nothing here."""
    await cache.info()
    insert_claim(path, 1, "pid:[1]/42", clock.seconds + CLAIM_SECONDS)
    assert not await cache.claim("key")
    clock.seconds += CLAIM_SECONDS + 1
    assert await cache.claim("key")


async def test_without_proc_the_number_alone_decides(
    path: Path, cache: Cache, clock: Clock, number_of_the_dead: int
) -> None:
    await cache.info()
    insert_claim(path, os.getppid(), "", clock.seconds + CLAIM_SECONDS)
    assert not await cache.claim("key")
    db = sqlite3.connect(path)
    db.execute("UPDATE claims SET pid = ?", (number_of_the_dead,))
    db.commit()
    db.close()
    assert await cache.claim("key")


async def test_claiming_again_extends_the_claim(path: Path, cache: Cache, clock: Clock) -> None:
    assert await cache.claim("key")
    clock.seconds += CLAIM_SECONDS - 1
    assert await cache.claim("key")
    db = sqlite3.connect(path)
    assert db.execute("SELECT expires FROM claims").fetchall() == [(clock.seconds + CLAIM_SECONDS,)]
    db.close()


async def test_a_claim_is_taken_again_and_again_while_its_value_is_computed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "CLAIM_SECONDS", 0.03)
    cache = Cache(path)
    assert await cache.claim("key")
    async with cache.hold_claim("key"):
        with closing(sqlite3.connect(path, isolation_level=None)) as db, anyio.fail_after(10):
            db.execute("DELETE FROM claims")
            while not claims_in(path):  # noqa: ASYNC110  another thread writes it, of which nobody is told
                await anyio.sleep(0.01)
    await cache.put("key", b"value")
    assert claims_in(path) == []
    await cache.aclose()


async def test_a_value_is_got_or_else_claimed_in_one_step(cache: Cache) -> None:
    assert await cache.get_or_claim("key") is True
    await cache.put("key", b"value")
    assert await cache.get_or_claim("key") == b"value"


async def test_a_value_that_another_process_keeps_between_looking_and_claiming_is_found(
    path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = claims.take

    def after_it_was_kept(db: sqlite3.Connection, key: str, process: Process, *, now: float) -> bool:
        with closing(open_database(path)) as others:
            entries.write_values(others, {key: b"value"}, {}, limit_bytes=1000, now=now)
        return take(db, key, process, now=now)

    monkeypatch.setattr(claims, "take", after_it_was_kept)
    assert await cache.get_or_claim("key") == b"value"
    assert claims_in(path) == []


async def test_a_claim_belongs_to_the_process(path: Path, cache: Cache) -> None:
    """Single flight among the tasks of one process is the pipeline's business."""
    other = Cache(path)
    assert await cache.claim("key")
    assert await other.claim("key")
    await other.aclose()


async def test_a_released_or_finished_claim_is_gone(path: Path, cache: Cache) -> None:
    await cache.claim("released")
    await cache.claim("finished")
    await cache.claim("kept")
    await cache.release("released")
    await cache.put("finished", b"value")
    assert claims_in(path) == [("kept", os.getpid())]


async def test_nobody_else_can_release_a_claim(path: Path, cache: Cache, claimant: subprocess.Popen[str]) -> None:
    await cache.release("key")
    assert claims_in(path) == [("key", claimant.pid)]


async def test_expired_claims_are_swept(path: Path, cache: Cache, clock: Clock) -> None:
    for number in range(50):
        await cache.claim(f"old-{number}")
    clock.seconds += CLAIM_SECONDS + 1
    await cache.claim("new")
    assert claims_in(path) == [("new", os.getpid())]


async def test_a_clock_that_was_set_back_does_not_prolong_claims(
    cache: Cache, clock: Clock, claimant: subprocess.Popen[str]
) -> None:
    clock.seconds -= 3600
    assert await cache.claim("key")
