"""Values: kept, found, damaged, evicted, forgotten."""

import asyncio
import random
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from ocr_mcp.cache import Cache
from tests.cache.kill_loop import is_sound

pytestmark = pytest.mark.anyio


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "cache.sqlite"


@pytest.fixture
async def cache(path: Path) -> AsyncIterator[Cache]:
    cache = Cache(path)
    yield cache
    assert cache.problem is None
    await cache.aclose()
    assert is_sound(path)


def incompressible(length: int) -> bytes:
    return random.Random(length).randbytes(length)


async def test_a_value_is_found_by_the_next_process(path: Path, cache: Cache) -> None:
    await cache.put("key", "Größe: 5 µm".encode())
    other = Cache(path)
    assert await other.get("key") == "Größe: 5 µm".encode()
    assert await other.get("another") is None
    await other.aclose()


async def test_an_empty_value_is_a_value(cache: Cache) -> None:
    await cache.put("key", b"")
    assert await cache.get("key") == b""


async def test_a_second_put_replaces_the_value_and_its_size(cache: Cache) -> None:
    await cache.put("key", bytes(100_000))
    await cache.put("key", b"short")
    info = await cache.info()
    assert await cache.get("key") == b"short"
    assert (info.entries, info.size_bytes < 30) == (1, True)


async def test_many_values_are_put_and_found_at_once(cache: Cache) -> None:
    items = {f"key-{number}": str(number).encode() for number in range(2000)}
    await cache.put_many(items)
    assert await cache.get_many([*items, "missing"]) == items
    assert (await cache.info()).entries == 2000


async def test_a_value_for_later_is_found_at_once_and_kept_with_the_next_value_or_at_the_end(path: Path) -> None:
    cache, other = Cache(path), Cache(path)
    cache.put_later("one", b"1")
    assert await cache.get_many(("one", "two")) == {"one": b"1"}
    assert await other.get("one") is None
    await cache.put("two", b"2")
    assert await other.get_many(("one", "two")) == {"one": b"1", "two": b"2"}
    cache.put_later("three", b"3")
    await cache.aclose()
    assert await other.get("three") == b"3"
    await other.aclose()


async def test_only_the_owner_may_read_the_texts(path: Path, cache: Cache) -> None:
    await cache.put("key", b"text of a page")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in [path.parent, *path.parent.iterdir()]}
    assert modes == {"folder": 0o700, "cache.sqlite": 0o600, "cache.sqlite-wal": 0o600, "cache.sqlite-shm": 0o600}


@pytest.mark.parametrize("column", ["value", "checksum"])
async def test_a_damaged_value_is_a_miss_until_it_is_put_again(path: Path, cache: Cache, column: str) -> None:
    """A checksum is stored with each value, and a value that does not match it counts as missing."""
    await cache.put_many({"key": b"value", "whole": b"whole"})
    db = sqlite3.connect(path)
    db.execute(f"UPDATE entries SET {column} = ? WHERE key = 'key'", (b"\0" + bytes(31),))
    db.commit()
    db.close()
    assert await cache.get_many(["key", "whole"]) == {"whole": b"whole"}
    await cache.put("key", b"value")
    assert await cache.get("key") == b"value"


async def test_a_value_under_the_wrong_key_is_a_miss(path: Path, cache: Cache) -> None:
    await cache.put_many({"key": b"value", "other": b"other value"})
    db = sqlite3.connect(path)
    db.execute(
        "UPDATE entries SET (value, checksum) = (SELECT value, checksum FROM entries WHERE key = 'other')"
        " WHERE key = 'key'"
    )
    db.commit()
    db.close()
    assert await cache.get_many(["key", "other"]) == {"other": b"other value"}


async def test_the_longest_unused_values_go_first(path: Path) -> None:
    clock = Clock()
    cache = Cache(path, limit_bytes=10_500, now=clock)  # ten values and a half
    for number in range(10):
        await cache.put(str(number), incompressible(1000))
        clock.seconds += 1
    clock.seconds += 4000
    await cache.get("0")
    for number in range(10, 13):
        await cache.put(str(number), incompressible(1000))
        clock.seconds += 1
    kept = await cache.get_many(str(number) for number in range(13))
    await cache.aclose()
    assert list(kept) == ["0", "4", "5", "6", "7", "8", "9", "10", "11", "12"]


async def test_uses_are_noted_at_the_end_by_a_process_that_only_reads(path: Path) -> None:
    clock = Clock()
    writer = Cache(path, now=clock)
    await writer.put_many({"read": incompressible(1000), "unread": incompressible(1000)})
    clock.seconds += 4000
    reader = Cache(path, now=clock)
    await reader.get("read")
    await reader.aclose()
    size = (await writer.info()).size_bytes
    await writer.aclose()
    smaller = Cache(path, limit_bytes=size, now=clock)
    await smaller.put("new", incompressible(1000))
    assert set(await smaller.get_many(["read", "unread", "new"])) == {"read", "new"}
    await smaller.aclose()


async def test_a_limit_that_was_lowered_is_reached_by_the_next_put(path: Path) -> None:
    cache = Cache(path)
    await cache.put_many({str(number): incompressible(500) for number in range(1000)})
    await cache.aclose()
    smaller = Cache(path, limit_bytes=20_000)
    await smaller.put("new", b"new")
    info = await smaller.info()
    assert info.size_bytes <= 20_000
    assert await smaller.get("new") == b"new"
    await smaller.aclose()
    assert is_sound(path)


async def test_a_value_larger_than_the_limit_drives_nothing_out(path: Path) -> None:
    cache = Cache(path, limit_bytes=1000)
    await cache.put("small", b"small")
    await cache.put("large", incompressible(10_000))
    assert await cache.get_many(["small", "large"]) == {"small": b"small"}
    await cache.aclose()


async def test_clear_forgets_everything_and_gives_the_space_back(path: Path, cache: Cache) -> None:
    await cache.put_many({str(number): incompressible(4000) for number in range(500)})
    path.with_name("cache.sqlite.damaged").write_bytes(b"texts of an older file")
    other = Cache(path)
    await other.get("1")
    assert await cache.clear() == 500
    info = await cache.info()
    assert (info.entries, info.size_bytes) == (0, 0)
    assert sum(file.stat().st_size for file in path.parent.iterdir()) < 150_000
    assert await other.get("1") is None
    await other.put("2", b"again")
    assert await cache.get("2") == b"again"
    await other.aclose()


async def test_after_close_nothing_is_done_and_nothing_raised(path: Path) -> None:
    cache = Cache(path)
    await cache.put("key", b"value")
    await cache.aclose()
    await cache.aclose()
    await cache.put("key", b"other")
    await cache.release("key")
    assert await cache.get("key") is None
    assert await cache.claim("key")
    assert await cache.clear() == 0
    assert (await cache.info()).entries == 0
    assert cache.problem is None
    assert [file.name for file in path.parent.iterdir()] == ["cache.sqlite"]


async def test_closing_waits_for_what_is_under_way(path: Path) -> None:
    cache = Cache(path)
    async with anyio.create_task_group() as tasks:
        for number in range(30):
            tasks.start_soon(cache.put, str(number), b"value")
        await anyio.lowlevel.checkpoint()
        await cache.aclose()
    assert cache.problem is None
    assert is_sound(path)


async def test_closing_and_releasing_work_in_a_cancelled_task(path: Path) -> None:
    cache, other = Cache(path), Cache(path)
    await cache.claim("key")
    with anyio.CancelScope() as scope:
        scope.cancel()
        await cache.release("key")
        await cache.aclose()
    db = sqlite3.connect(path)
    assert db.execute("SELECT count(*) FROM claims").fetchone() == (0,)
    db.close()
    assert await cache.get("key") is None
    await other.aclose()


async def test_a_task_that_is_cancelled_before_its_turn_takes_its_value_back(path: Path, cache: Cache) -> None:
    await cache.put("first", b"value")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cache.put, "second", b"value")
        await anyio.sleep(0.02)
        with anyio.move_on_after(0.02):
            await cache.put("late", b"value")
        blocker.execute("ROLLBACK")
    assert set(await cache.get_many(["first", "second", "late"])) == {"first", "second"}
    blocker.close()


@pytest.mark.parametrize("native", [False, True], ids=["anyio", "asyncio"])
async def test_a_cancelled_put_leaves_no_transaction_open(path: Path, cache: Cache, native: bool) -> None:
    await cache.put("first", b"value")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    if native:
        task = asyncio.create_task(cache.put("second", b"value"))
        await anyio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        blocker.execute("ROLLBACK")
    else:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cache.put, "second", b"value")
            await anyio.sleep(0.05)
            tasks.cancel_scope.cancel()
            blocker.execute("ROLLBACK")
    await cache.put("third", b"value")
    assert set(await cache.get_many(["first", "second", "third"])) == {"first", "second", "third"}
    blocker.execute("PRAGMA busy_timeout = 0")
    blocker.execute("BEGIN IMMEDIATE")
    blocker.close()
