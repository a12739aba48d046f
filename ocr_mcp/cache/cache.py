"""The cache as its users see it: asynchronous, never raising, one thread at a time on one connection."""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
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
from ocr_mcp.cache.processes import this_process
from ocr_mcp.runtime.background_tasks import companions

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60.0
"""How long nothing is tried after a failure: a full disk or a stuck process must not slow down every page."""

_T = TypeVar("_T")
_FAILURES = (sqlite3.Error, OSError, ForeignFileError)


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What `ocr-mcp cache info` shows. `problem` says why nothing is kept, None if all is well."""

    path: Path
    entries: int
    size_bytes: int
    limit_bytes: int
    problem: str | None


class Cache:
    """Keys are short strings, values bytes. For the tasks of one event loop, and for any number of processes.

    `limit_bytes` bounds the sum of the compressed values; the longest unused go first. `problem` is one sentence on why
    nothing is kept now. Where only writing fails, reading goes on. After `PAUSE_SECONDS` it is tried again.
    """

    def __init__(
        self, path: Path, *, limit_bytes: int = 1024 * 1024 * 1024, now: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self.problem: str | None = None
        self._limit_bytes = limit_bytes
        self._now = now
        self._process = this_process()
        # One thread at a time, so that the others wait in the event loop, not in threads that others need.
        self._limiter = CapacityLimiter(1)
        # Besides that, because a task cancelled by asyncio itself leaves it while its thread still runs.
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._inode = 0
        self._paused_until: float | None = None
        self._closed = False
        self._uses: dict[str, float] = {}
        self._later: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        """The value, or None if there is none or it is damaged."""
        return (await self.get_many((key,))).get(key)

    async def get_many(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The values that are there and undamaged, by key. For 300 keys about three times as fast as single `get`s."""
        asked = tuple(keys)
        found = {key: self._later[key] for key in asked if key in self._later}
        if len(found) == len(asked):
            return found
        return found | await self._run(self._reading(asked), {})

    async def put(self, key: str, value: bytes) -> None:
        """Keep a value and end the claim on it. It survives a kill of this process once this returns."""
        await self.put_many({key: value})

    def put_later(self, key: str, value: bytes) -> None:
        """Keep a value with the next `put`, or when the cache is closed; found at once by this process.

        For what is soon found out again where a kill comes first: writing each by itself is a third of a page's time.
        """
        self._later[key] = value

    async def put_many(self, items: Mapping[str, bytes]) -> None:
        """Keep all these values or, if this process dies before it returns, perhaps none."""
        all_items = {**self._later, **items}
        self._later.clear()
        await self._run(lambda db: self._write(db, all_items), None, writes=True)

    async def claim(self, key: str) -> bool:
        """Whether this process may compute the value now; False while another living process does.

        A claim lasts `claims.CLAIM_SECONDS`, see `claimed`. It belongs to the process, not to the task.
        """
        return await self._run(self._taking(key), otherwise=True, writes=True)

    async def get_or_claim(self, key: str) -> bytes | bool:
        """The value; where there is none, whether this process may compute it now, see `claim`."""

        def known() -> bytes | None:
            return self._attempt(self._reading((key,)), {}).get(key)

        def ask() -> bytes | bool:
            if (value := known()) is not None:
                return value
            if not self._attempt(self._taking(key), otherwise=True, writes=True):
                return False
            if (value := known()) is None:
                return True
            # The process that had the claim kept the value between looking and claiming.
            self._attempt(self._releasing(key), None, writes=True)
            return value

        return await to_thread.run_sync(ask, limiter=self._limiter)

    @asynccontextmanager
    async def claimed(self, key: str) -> AsyncGenerator[None]:
        """Renew this process's claim on the key until the block ends, however long its value takes to compute."""
        async with companions() as tasks:
            tasks.start_soon(self._renew, key)
            yield

    async def release(self, key: str) -> None:
        """End this process's claim, also from a task that is being cancelled."""
        with CancelScope(shield=True):
            await self._run(self._releasing(key), None, writes=True)

    async def info(self) -> CacheInfo:
        """How much is kept, and where."""
        count, size = await self._run(entries.total, (0, 0))
        return CacheInfo(self.path, count, size, self._limit_bytes, self.problem)

    async def clear(self) -> int:
        """Forget all values and give their space back; the number of values that were there.

        A file that cannot be written, because the disk is full, is removed; processes that have it open go on with the
        removed one until they end.
        """
        if self._paused_until is not None:
            self._paused_until = float("-inf")  # somebody asked for it: it is tried now
        return await self._run(self._forget_all, 0)

    async def aclose(self) -> None:
        """Close the file after the operation that is under way. Whatever is asked later does nothing."""
        with CancelScope(shield=True):
            if self._later:
                await self.put_many({})
            await to_thread.run_sync(self._close, limiter=self._limiter)

    async def _renew(self, key: str) -> None:
        while True:
            await sleep(claims.CLAIM_SECONDS / 3)
            await self.claim(key)

    def _write(self, db: sqlite3.Connection, items: Mapping[str, bytes]) -> None:
        entries.write(db, items, self._uses, limit_bytes=self._limit_bytes, now=self._now())

    def _taking(self, key: str) -> Callable[[sqlite3.Connection], bool]:
        return lambda db: claims.take(db, key, self._process, now=self._now())

    def _releasing(self, key: str) -> Callable[[sqlite3.Connection], None]:
        return lambda db: claims.release(db, key, self._process)

    def _reading(self, keys: Sequence[str]) -> Callable[[sqlite3.Connection], dict[str, bytes]]:
        return lambda db: entries.read(db, keys, self._uses, now=self._now())

    def _forget_all(self, db: sqlite3.Connection) -> int:
        count, _ = entries.total(db)
        try:
            entries.forget_all(db)
        except sqlite3.Error as error:
            if primary_code(error) == sqlite3.SQLITE_BUSY:
                raise
            self._disconnect()
            remove_files(self.path)
        remove_set_aside(self.path)
        self._uses.clear()
        self._later.clear()
        self._paused_until = self.problem = None
        return count

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            if self._database is not None and self._uses and self._paused_until is None:
                with contextlib.suppress(sqlite3.Error), transaction(self._database):
                    entries.note_uses(self._database, self._uses)
            self._disconnect()

    async def _run(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T, *, writes: bool = False) -> _T:
        """Run one operation in a thread; `otherwise` where the cache cannot be used.

        A cancelled task waits for its thread, so no transaction stays open.
        """
        return await to_thread.run_sync(
            lambda: self._attempt(operation, otherwise, writes=writes), limiter=self._limiter
        )

    def _attempt(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T, *, writes: bool = False) -> _T:
        with self._lock:
            try:
                try:
                    return self._once(operation, otherwise, writes)
                except sqlite3.DatabaseError as error:
                    if not is_damage(error) or self._paused_until is not None:
                        raise
                    self._start_again()
                return self._once(operation, otherwise, writes)
            except _FAILURES as error:
                if not writes:
                    self._disconnect()
                self._pause(error)
                return otherwise

    def _once(self, operation: Callable[[sqlite3.Connection], _T], otherwise: _T, writes: bool) -> _T:
        db = self._connect()
        if db is None or (writes and self._paused_until is not None):
            return otherwise
        result = operation(db)
        if writes and self.problem is not None:
            logger.info("the cache '%s' can be written again", self.path)
            self.problem = None
        return result

    def _connect(self) -> sqlite3.Connection | None:
        """The connection; None while there is none to be had."""
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
        """Leave a damaged file for a new one."""
        self._disconnect()
        if kept := set_aside(self.path, inode=self._inode):
            logger.warning("The cache was damaged and is started again; the old file is '%s'.", kept)

    def _pause(self, error: Exception) -> None:
        self._paused_until = self._now() + PAUSE_SECONDS
        sentence = describe_problem(self.path, error)
        if sentence != self.problem:
            logger.warning("%s", sentence)
        self.problem = sentence
