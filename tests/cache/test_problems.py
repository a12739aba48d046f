"""A cache that cannot be used: the page is read all the same, and one sentence says why and what to do."""

import json
import logging
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ocr_mcp.cache import Cache, database
from ocr_mcp.cache.cache import PAUSE_SECONDS
from tests.cache.kill_loop import is_sound
from tests.cache.test_values import Clock

pytestmark = pytest.mark.anyio

STEP = f"{shlex.quote(sys.executable)} -m tests.cache.bad_disk"


async def assert_reads_nothing_and_hinders_nobody(cache: Cache) -> None:
    await cache.put("key", b"value")
    assert await cache.get("key") is None
    assert await cache.claim("key")
    await cache.release("key")
    assert await cache.clear() == 0
    assert (await cache.info()).problem == cache.problem
    await cache.aclose()


def run_on_small_disk(commands: str, disk: Path) -> list[dict[str, object]]:
    """Run shell commands with a disk of 1 MB at `disk`, in a namespace of their own; what they printed."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare(1) to mount a small disk with")
    disk.mkdir()
    prefix = [unshare, "--user", "--map-root-user", "--mount", "sh", "-ec"]
    mount = f"mount -t tmpfs -o size=1m none {shlex.quote(str(disk))}"
    if subprocess.run([*prefix, mount], capture_output=True, check=False).returncode:
        pytest.skip("this system gives no namespaces to mount a small disk in")
    done = subprocess.run([*prefix, f"{mount}\n{commands}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_a_folder_where_the_file_should_be(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "cache.sqlite"
    path.mkdir()
    cache = Cache(path)
    await assert_reads_nothing_and_hinders_nobody(cache)
    assert cache.problem == (
        f"Pages are read but not kept for the next time: the cache '{path}' is a folder where a file should be. "
        "Remove that folder, or choose another folder with OCR_MCP_CACHE_FOLDER."
    )
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [cache.problem]


async def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "cache.sqlite"
    cache = Cache(path)
    await assert_reads_nothing_and_hinders_nobody(cache)
    assert cache.problem == (
        f"Pages are read but not kept for the next time: the cache '{path}' cannot be written (File exists). "
        "Make its folder writable, or choose another folder with OCR_MCP_CACHE_FOLDER."
    )


async def test_after_a_minute_it_is_tried_again(tmp_path: Path) -> None:
    path, clock = tmp_path / "cache.sqlite", Clock()
    path.mkdir()
    cache = Cache(path, now=clock)
    await cache.put("key", b"value")
    path.rmdir()
    await cache.put("key", b"value")
    assert cache.problem is not None
    assert await cache.get("key") is None
    clock.seconds += PAUSE_SECONDS
    await cache.put("key", b"value")
    assert cache.problem is None
    assert await cache.get("key") == b"value"
    await cache.aclose()


@pytest.mark.parametrize("content", [b"a letter to the editor" * 500, b"SQLite format 3\0" + bytes(5000)])
async def test_a_file_that_is_no_database_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(content)
    cache = Cache(path)
    await cache.put("key", b"value")
    assert (await cache.get("key"), cache.problem) == (b"value", None)
    damaged = tmp_path / "cache.sqlite.damaged"
    assert damaged.read_bytes() == content
    assert caplog.messages == [f"The cache was damaged and is started again; the old file is '{damaged}'."]
    await cache.aclose()
    assert is_sound(path)


async def test_a_file_that_is_damaged_while_it_is_in_use_is_started_again(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    filled = Cache(path)
    await filled.put_many({str(number): str(number).encode() * 500 for number in range(3000)})
    await filled.aclose()
    first, second = Cache(path), Cache(path)
    assert await first.get("0") == await second.get("0") == b"0" * 500
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    for cache in (first, second, first):
        await cache.get("2999")
        await cache.put("new", b"new")
        assert (await cache.get("new"), cache.problem) == (b"new", None)
    await first.aclose()
    await second.aclose()
    assert is_sound(path)


async def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE photos (name)")
    db.close()
    before = path.read_bytes()
    cache = Cache(path)
    await assert_reads_nothing_and_hinders_nobody(cache)
    assert path.read_bytes() == before
    assert cache.problem == (
        f"Pages are read but not kept for the next time: the cache '{path}' is the database of another program. "
        "Move that file away, or choose another folder with OCR_MCP_CACHE_FOLDER."
    )


async def test_the_cache_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    cache = Cache(path)
    await cache.put("key", b"value")
    await cache.aclose()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 2")
    db.close()
    cache = Cache(path)
    await assert_reads_nothing_and_hinders_nobody(cache)
    assert cache.problem == (
        f"Pages are read but not kept for the next time: the cache '{path}' was made by another version of this "
        "program (format 2, this one writes 1). "
        "Move that file away, or choose another folder with OCR_MCP_CACHE_FOLDER."
    )


async def test_a_process_that_holds_the_file_stops_writing_but_not_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr_mcp.cache.database.BUSY_SECONDS", 0.05)
    path, clock = tmp_path / "cache.sqlite", Clock()
    cache = Cache(path, now=clock)
    await cache.put("key", b"value")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    await cache.put("other", b"value")
    assert cache.problem == (
        f"Pages are read but not kept for the next time: another process has held the cache '{path}' for more than "
        "5 seconds. End that process if it hangs, or choose another folder with OCR_MCP_CACHE_FOLDER."
    )
    assert await cache.get_many(["key", "other"]) == {"key": b"value"}
    blocker.close()
    clock.seconds += PAUSE_SECONDS
    await cache.put("other", b"value")
    assert cache.problem is None
    await cache.aclose()


async def test_a_full_disk_stops_writing_but_not_reading_until_it_is_cleared(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    path = disk / "cache.sqlite"
    (seen,) = run_on_small_disk(f"{STEP} fill {shlex.quote(str(path))}", disk)
    puts, entries = seen.pop("puts"), seen.pop("entries")
    assert isinstance(puts, int)
    assert puts > 5
    assert entries == puts - 1
    assert seen == {
        "problem": f"Pages are read but not kept for the next time: the disk that holds the cache '{path}' is full. "
        "Free space on it, or run 'ocr-mcp cache clear'.",
        "first is read": True,
        "claimed": True,
        "newcomer reads": True,
        "cleared": entries,
        "after": "clear",
        "problem after": None,
    }


async def test_a_cache_on_a_disk_that_others_have_filled_is_read_and_can_be_cleared(tmp_path: Path) -> None:
    """There is no room even for the file through which processes share a log."""
    disk = tmp_path / "disk"
    path = disk / "cache.sqlite"
    file = shlex.quote(str(path))
    fill = f"head -c 2m /dev/zero > {shlex.quote(str(disk / 'other'))} 2> {shlex.quote(str(tmp_path / 'said'))} || true"
    _, seen, cleared = run_on_small_disk(f"{STEP} write {file}\n{fill}\n{STEP} read {file}\n{STEP} clear {file}", disk)
    problem = seen.pop("problem")
    assert seen == {"kept": "value", "new": None, "claimed": True, "before": problem}
    assert problem == (
        f"Pages are read but not kept for the next time: the disk that holds the cache '{path}' is full. "
        "Free space on it, or run 'ocr-mcp cache clear'."
    )
    assert cleared == {"cleared": 1, "files": ["other"], "problem": None}


async def test_a_read_only_disk_is_read(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    path = disk / "cache.sqlite"
    file, folder = shlex.quote(str(path)), shlex.quote(str(disk))
    written, seen = run_on_small_disk(
        f"{STEP} write {file}\nmount -o remount,ro {folder}\n{STEP} read {file}",
        disk,
    )
    assert written == {"problem": None}
    problem = seen.pop("problem")
    assert seen == {"kept": "value", "new": None, "claimed": True, "before": problem}
    assert problem == (
        f"Pages are read but not kept for the next time: the cache '{path}' cannot be written "
        "(unable to open database file). Make its folder writable, or choose another folder with OCR_MCP_CACHE_FOLDER."
    )


def run_with_limited_files(path: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.cache.bad_disk", "limit", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


async def test_a_disk_that_reports_errors_stops_writing_but_not_reading(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    seen = run_with_limited_files(path)
    puts, entries = seen.pop("puts"), seen.pop("entries")
    assert isinstance(puts, int)
    assert puts > 5
    assert entries == puts - 1
    assert seen == {
        "problem": "Pages are read but not kept for the next time: the disk that holds the cache "
        f"'{path}' reports an error (disk I/O error). Check its quota and its health, "
        "or choose another folder with OCR_MCP_CACHE_FOLDER.",
        "first is read": True,
        "claimed": True,
        "newcomer reads": True,
        "cleared": entries,
        "after": "clear",
        "problem after": None,
    }
    assert is_sound(path)


async def test_a_file_that_another_process_makes_during_the_look_at_it_is_not_foreign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, connect, makers = tmp_path / "cache.sqlite", sqlite3.connect, list[str]()

    def make_meanwhile(statement: str) -> None:
        if "sqlite_master" in statement and not makers:
            makers.append(statement)
            with suppress(sqlite3.OperationalError):  # the file may be locked while it is looked at
                database.open_database(path).close()

    def connect_watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*arguments, **options)
        db.set_trace_callback(make_meanwhile)
        return db

    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(sqlite3, "connect", connect_watched)
    cache = Cache(path)
    await cache.put("key", b"value")
    assert await cache.get("key") == b"value"
    assert cache.problem is None
    assert makers
    await cache.aclose()
