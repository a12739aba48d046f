"""The cache as its users see it: asynchronous, never raising, one thread at a time on one connection."""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter, sleep, to_thread

from ocr_mcp.cache import claims, entries
from ocr_mcp.cache.database import (
    ForeignFileError,
    create_private_file,
    is_damage,
    open_database,
    open_unchanging,
    primary_code,
    remove_files,
    remove_set_aside,
    set_aside,
    transaction,
)
from ocr_mcp.cache.problems import describe_problem
from ocr_mcp.cache.processes import identify_this_process
from ocr_mcp.runtime.background_tasks import companions

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0
"""Time after a failure in which nothing is tried: a full disk or a stuck process must not slow down every page."""

_T = TypeVar("_T")
_FAILURES = (sqlite3.Error, OSError, ForeignFileError)


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """Facts that `ocr-mcp cache info` shows. `problem` says why nothing is kept; it is None if all is well."""

    path: Path
    entries: int
    size_bytes: int
    limit_bytes: int
    problem: str | None


class Cache:
    """Values (bytes) by key (short strings), for the tasks of one event loop and any number of processes.

    `limit_bytes` bounds the sum of the compressed values; the longest unused values go first. `problem` is one sentence
    that says why nothing is kept now. Where only writing fails, reading goes on. After `PAUSE_SECONDS` writing is tried
    again.
    """

    def __init__(
        self, path: Path, *, limit_bytes: int = 1024 * 1024 * 1024, now: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self.problem: str | None = None
        self._limit_bytes = limit_bytes
        self._now = now
        self._process = identify_this_process()
        # One thread at a time, so that other tasks wait in the event loop and not in threads that others need.
        self._limiter = CapacityLimiter(1)
        # A task that asyncio itself cancels leaves the limiter while its thread still runs, so threads need a lock too.
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._inode = 0
        self._paused_until: float | None = None
        self._closed = False
        self._unnoted_uses: dict[str, float] = {}
        self._unwritten: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None if there is none or it is damaged."""
        return (await self.get_many((key,))).get(key)

    async def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the undamaged values by key. For 300 keys this is about three times as fast as single `get`s."""
        asked = tuple(keys)
        found = {key: self._unwritten[key] for key in asked if key in self._unwritten}
        if len(found) == len(asked):
            return found
        return found | await self._run(lambda db: self._read(db, asked), {})

    async def put(self, key: str, value: bytes) -> None:
        """Keep a value and end the claim on it. The value survives a kill of this process once this returns."""
        await self.put_many({key: value})

    def put_later(self, key: str, value: bytes) -> None:
        """Keep a value with the next `put`, or when the cache is closed. This process finds it at once.

        This is for values that are soon found out again where a kill comes first. Writing each of them by itself would
        take a third of a page's time.
        """
        self._unwritten[key] = value

    async def put_many(self, items: Mapping[str, bytes]) -> None:
        """Keep all these values. If this process dies before it returns, perhaps none of them is kept."""
        all_items = {**self._unwritten, **items}
        self._unwritten.clear()
        await self._run(lambda db: self._write(db, all_items), None, writes=True)

    async def claim(self, key: str) -> bool:
        """Return True if this process may compute the value now, False while another living process does.

        A claim lasts `claims.CLAIM_SECONDS` unless `hold_claim` renews it. It belongs to the process, not to the task.
        """
        return await self._run(lambda db: self._take_claim(db, key), otherwise=True, writes=True)

    async def get_or_claim(self, key: str) -> bytes | bool:
        """Return the value. Where there is none, claim it and return what `claim` does."""
        return await to_thread.run_sync(self._find_or_claim, key, limiter=self._limiter)

    @asynccontextmanager
    async def hold_claim(self, key: str) -> AsyncGenerator[None]:
        """Renew this process's claim on the key until the block ends, however long its value takes to compute."""
        async with companions() as tasks:
            tasks.start_soon(self._renew, key)
            yield

    async def release(self, key: str) -> None:
        """End this process's claim. This works in a task that is being cancelled, too."""
        with CancelScope(shield=True):
            await self._run(lambda db: claims.release(db, key, self._process), None, writes=True)

    async def info(self) -> CacheInfo:
        """Return the number and size of the values, and where they are."""
        count, size = await self._run(entries.read_totals, (0, 0))
        return CacheInfo(self.path, count, size, self._limit_bytes, self.problem)

    async def clear(self) -> int:
        """Forget all values, give their space back, and return their number.

        A file that cannot be written because the disk is full is removed. Processes that have it open go on with the
        removed file until they end.
        """
        if self._paused_until is not None:
            self._paused_until = float("-inf")  # a person asked for it, so it is tried now
        return await self._run(self._forget_all, 0)

    async def aclose(self) -> None:
        """Close the file after the operation that is under way. Later operations do nothing."""
        with CancelScope(shield=True):
            if self._unwritten:
                await self.put_many({})
            await to_thread.run_sync(self._close, limiter=self._limiter)

    async def _renew(self, key: str) -> None:
        while True:
            await sleep(claims.CLAIM_SECONDS / 3)
            await self.claim(key)

    def _find_or_claim(self, key: str) -> bytes | bool:
        if (value := self._find(key)) is not None:
            return value
        if not self._attempt(lambda db: self._take_claim(db, key), otherwise=True, writes=True):
            return False
        if (value := self._find(key)) is None:
            return True
        # The process that had the claim kept the value between the look and the claim.
        self._attempt(lambda db: claims.release(db, key, self._process), None, writes=True)
        return value

    def _find(self, key: str) -> bytes | None:
        return self._attempt(lambda db: self._read(db, (key,)), {}).get(key)

    def _read(self, db: sqlite3.Connection, keys: Iterable[str]) -> dict[str, bytes]:
        return entries.read_values(db, keys, self._unnoted_uses, now=self._now())

    def _write(self, db: sqlite3.Connection, items: Mapping[str, bytes]) -> None:
        entries.write_values(db, items, self._unnoted_uses, limit_bytes=self._limit_bytes, now=self._now())

    def _take_claim(self, db: sqlite3.Connection, key: str) -> bool:
        return claims.take(db, key, self._process, now=self._now())

    def _forget_all(self, db: sqlite3.Connection) -> int:
        count, _ = entries.read_totals(db)
        try:
            entries.forget_all(db)
        except sqlite3.Error as error:
            if primary_code(error) == sqlite3.SQLITE_BUSY:
                raise
            self._disconnect()
            remove_files(self.path)
        remove_set_aside(self.path)
        self._unnoted_uses.clear()
        self._unwritten.clear()
        self._paused_until = self.problem = None
        return count

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            if self._database is not None and self._unnoted_uses and self._paused_until is None:
                with contextlib.suppress(sqlite3.Error), transaction(self._database):
                    entries.note_uses(self._database, self._unnoted_uses)
            self._disconnect()

    async def _run(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T, *, writes: bool = False) -> _T:
        """Run one operation in a thread; return `otherwise` where the cache cannot be used.

        A cancelled task waits for its thread, so that no transaction stays open.
        """
        return await to_thread.run_sync(
            lambda: self._attempt(operation, otherwise, writes=writes), limiter=self._limiter
        )

    def _attempt(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T, *, writes: bool = False) -> _T:
        """Run one operation in this thread, on a new file where the old one is damaged."""
        with self._lock:
            try:
                try:
                    return self._attempt_once(operation, otherwise, writes)
                except sqlite3.DatabaseError as error:
                    if not is_damage(error) or self._paused_until is not None:
                        raise
                    self._start_again()
                return self._attempt_once(operation, otherwise, writes)
            except _FAILURES as error:
                if not writes:
                    self._disconnect()
                self._pause(error)
                return otherwise

    def _attempt_once(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T, writes: bool) -> _T:
        db = self._connect()
        if db is None or (writes and self._paused_until is not None):
            return otherwise
        result = operation(db)
        if writes and self.problem is not None:
            logger.info("the cache '%s' can be written again", self.path)
            self.problem = None
        return result

    def _connect(self) -> sqlite3.Connection | None:
        """Return the connection, or None while there can be none."""
        if self._closed:
            return None
        if self._paused_until is not None and self._now() >= self._paused_until:
            self._paused_until = None
            self._disconnect()
        if self._database is None and self._paused_until is None:
            try:
                self._inode = create_private_file(self.path)
                self._database = open_database(self.path)
            except (sqlite3.Error, OSError) as error:
                if is_damage(error):
                    raise
                self._database = open_unchanging(self.path)
                self._pause(error)
        return self._database

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _start_again(self) -> None:
        """Set a damaged file aside, so that the next connection makes a new one."""
        self._disconnect()
        if kept := set_aside(self.path, inode=self._inode):
            logger.warning("The cache was damaged and is started again; the old file is '%s'.", kept)

    def _pause(self, error: Exception) -> None:
        self._paused_until = self._now() + PAUSE_SECONDS
        sentence = describe_problem(self.path, error)
        if sentence != self.problem:
            logger.warning("%s", sentence)
        self.problem = sentence
