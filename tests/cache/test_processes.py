"""Several processes on one file, and processes killed while they write."""

import subprocess
import sys
from pathlib import Path

import pytest

from ocr_mcp.cache import Cache
from tests.cache.kill_loop import is_sound, run_kills

PUT_100 = """
import sys, anyio
from pathlib import Path
from ocr_mcp.cache import Cache
async def main():
    cache = Cache(Path(sys.argv[1]))
    for number in range(100):
        await cache.put(f"{sys.argv[2]}-{number}", sys.argv[2].encode() * 1000)
        await cache.put(f"common-{number}", b"common")
    await cache.aclose()
    sys.exit(cache.problem)
anyio.run(main)
"""


def run_at_once(commands: list[list[str]]) -> list[int]:
    processes = [subprocess.Popen(command) for command in commands]
    return [process.wait() for process in processes]


@pytest.mark.anyio
async def test_processes_that_start_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    assert run_at_once([[sys.executable, "-c", PUT_100, str(path), name] for name in "abcdef"]) == [0] * 6
    cache = Cache(path)
    for name in "abcdef":
        expected = {f"{name}-{number}": name.encode() * 1000 for number in range(100)}
        assert await cache.get_many(expected) == expected
    assert (await cache.info()).entries == 700
    await cache.aclose()
    assert is_sound(path)


def test_what_a_killed_process_had_acknowledged_is_there(tmp_path: Path) -> None:
    """A put that has returned survives `kill -9`. The long form is `python -m tests.cache.kill_loop 1000`."""
    counts = run_kills(tmp_path / "cache.sqlite", 20)
    assert (counts.kills, counts.lost, counts.unsound) == (20, 0, 0)
    assert counts.acknowledged > 20
