"""Claims are renewed while something is computed, and no longer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from ocr_mcp.cache import Cache, claims

pytestmark = pytest.mark.anyio

CLAIM_SECONDS = 0.03


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


@pytest.fixture
async def cache(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cache]:
    monkeypatch.setattr(claims, "CLAIM_SECONDS", CLAIM_SECONDS)
    cache = Cache(path)
    await cache.info()
    yield cache
    assert cache.problem is None
    await cache.aclose()


class Claims:
    """The claims in the file, seen and removed by somebody else."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keys(self) -> set[str]:
        with closing(sqlite3.connect(self.path)) as db:
            return {key for (key,) in db.execute("SELECT key FROM claims").fetchall()}

    def remove_all(self) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.execute("DELETE FROM claims")

    async def wait_for(self, *keys: str) -> None:
        """Remove all, and wait until just these have come again."""
        self.remove_all()
        with anyio.fail_after(10):
            while self.keys() != set(keys):  # noqa: ASYNC110  another thread writes them, of which nobody is told
                await anyio.sleep(0.005)


async def test_what_is_held_is_renewed_again_and_again(path: Path, cache: Cache) -> None:
    in_file = Claims(path)
    async with cache.hold_claim("a"):
        await in_file.wait_for("a")
        await in_file.wait_for("a")
        async with cache.hold_claim("b"):
            await in_file.wait_for("a", "b")
        in_file.remove_all()
        await anyio.sleep(2 * CLAIM_SECONDS)
        assert in_file.keys() <= {"a"}


async def test_a_key_that_two_hold_is_renewed_until_both_let_go(path: Path, cache: Cache) -> None:
    in_file = Claims(path)
    async with cache.hold_claim("a"):
        async with cache.hold_claim("a"):
            pass
        await in_file.wait_for("a")


async def test_nothing_goes_on_once_nothing_is_held(cache: Cache) -> None:
    before = asyncio.all_tasks()
    with suppress(ValueError):
        async with cache.hold_claim("a"):
            assert len(asyncio.all_tasks() - before) == 1
            raise ValueError("an error ends it, too")
    await anyio.lowlevel.checkpoint()
    assert asyncio.all_tasks() - before == set()


async def test_a_renewal_that_is_under_way_does_not_outlive_the_release(path: Path, cache: Cache) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        async with anyio.create_task_group() as tasks:

            async def hold_and_release() -> None:
                async with cache.hold_claim("a"):
                    await anyio.sleep(CLAIM_SECONDS)  # the renewal now waits for the blocker
                await cache.release("a")

            tasks.start_soon(hold_and_release)
            await anyio.sleep(2 * CLAIM_SECONDS)
            blocker.execute("ROLLBACK")
    assert Claims(path).keys() == set()
