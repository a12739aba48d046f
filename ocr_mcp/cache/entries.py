"""The values, their checksums, and which go when there are too many."""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Mapping

from ocr_mcp.cache.database import ENTRIES_SCHEMA, transaction

USE_SECONDS = 3600.0
"""A use is noted only when the last noted one is older: reading must not mean writing."""
NOTED_USES = 1000
EVICTION_BATCH = 100

_PUT = """
INSERT INTO entries (key, used, size, checksum, value) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET used = excluded.used, size = excluded.size, checksum = excluded.checksum,
    value = excluded.value
"""


def read(db: sqlite3.Connection, keys: Iterable[str], uses: dict[str, float], *, now: float) -> dict[str, bytes]:
    """The values of the keys that have an undamaged one; what `note_uses` shall write is added to `uses`."""
    found: dict[str, bytes] = {}
    for key in keys:
        row = db.execute("SELECT used, checksum, value FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None:
            continue
        used, checksum, packed = row
        if not isinstance(packed, bytes) or _checksum(key, packed) != checksum:
            continue  # the page is computed again, and its `put` replaces this value
        found[key] = zlib.decompress(packed)
        if now - used > USE_SECONDS and len(uses) < NOTED_USES:
            uses[key] = now
    return found


def write(
    db: sqlite3.Connection, items: Mapping[str, bytes], uses: dict[str, float], *, limit_bytes: int, now: float
) -> None:
    """Put the values, end the claims on them, and evict down to the limit.

    The eviction runs in bounded batches, a transaction each, so that other processes get their turn. A value larger
    than the limit is not kept.
    """
    packed = {key: zlib.compress(value, 1) for key, value in items.items()}
    with transaction(db):
        for key, value in packed.items():
            if len(value) <= limit_bytes:
                db.execute(_PUT, (key, now, len(value), _checksum(key, value), value))
            db.execute("DELETE FROM claims WHERE key = ?", (key,))
        note_uses(db, uses)
        more = _evict_batch(db, limit_bytes)
    while more:
        with transaction(db):
            more = _evict_batch(db, limit_bytes)


def note_uses(db: sqlite3.Connection, uses: dict[str, float]) -> None:
    """Write when values were last read, and empty `uses`."""
    db.executemany("UPDATE entries SET used = ? WHERE key = ?", [(used, key) for key, used in uses.items()])
    uses.clear()


def total(db: sqlite3.Connection) -> tuple[int, int]:
    """The number of values and the sum of their sizes, as the triggers keep them."""
    count, size = db.execute("SELECT entries, size FROM totals").fetchone()
    return count, size


def forget_all(db: sqlite3.Connection) -> None:
    """Remove all values and shrink the file. Claims stay: their work goes on.

    Dropping the table writes a few pages where deleting its rows, with their triggers, would write all.
    """
    with transaction(db):
        db.execute("DROP TABLE entries")
        for statement in ENTRIES_SCHEMA:
            db.execute(statement)
        db.execute("UPDATE totals SET entries = 0, size = 0")
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _evict_batch(db: sqlite3.Connection, limit_bytes: int) -> bool:
    """Remove the longest unused values, no more than needed and than a batch; whether too many are left."""
    _, size = total(db)
    surplus = size - limit_bytes
    if surplus <= 0:
        return False
    doomed: list[tuple[int]] = []
    for rowid, length in db.execute("SELECT rowid, size FROM entries ORDER BY used, rowid LIMIT ?", (EVICTION_BATCH,)):
        if surplus <= 0:
            break
        doomed.append((rowid,))
        surplus -= length
    db.executemany("DELETE FROM entries WHERE rowid = ?", doomed)
    return bool(doomed) and surplus > 0


def _checksum(key: str, packed: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + packed).digest()
