"""Values and their checksums, and the removal of the longest unused ones when there are too many."""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Mapping

from ocr_mcp.cache.database import ENTRIES_SCHEMA, transaction

MIN_NOTED_USE_AGE_SECONDS = 3600.0
"""A use is noted only when the last noted one is older, because reading must not mean writing."""
MAX_UNNOTED_USES = 1000
MAX_EVICTION_BATCH_VALUES = 100

_PUT = """
INSERT INTO entries (key, used, size, checksum, value) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET used = excluded.used, size = excluded.size, checksum = excluded.checksum,
    value = excluded.value
"""


def read_values(db: sqlite3.Connection, keys: Iterable[str], uses: dict[str, float], *, now: float) -> dict[str, bytes]:
    """Return the undamaged values by key. Add to `uses` the uses that `note_uses` shall write."""
    found: dict[str, bytes] = {}
    for key in keys:
        row = db.execute("SELECT used, checksum, value FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None:
            continue
        used, checksum, packed = row
        if not isinstance(packed, bytes) or _checksum(key, packed) != checksum:
            continue  # the page is computed again, and its `put` replaces this value
        found[key] = zlib.decompress(packed)
        if now - used > MIN_NOTED_USE_AGE_SECONDS and len(uses) < MAX_UNNOTED_USES:
            uses[key] = now
    return found


def write_values(
    db: sqlite3.Connection, items: Mapping[str, bytes], uses: dict[str, float], *, limit_bytes: int, now: float
) -> None:
    """Put the values, end the claims on them, and evict down to the limit.

    Eviction runs in bounded batches of one transaction each, so that other processes can write in between. A value that
    is larger than the limit is not kept.
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


def read_totals(db: sqlite3.Connection) -> tuple[int, int]:
    """Return the number of values and the sum of their compressed sizes in bytes, as the triggers keep them."""
    count, size = db.execute("SELECT entries, size FROM totals").fetchone()
    return count, size


def forget_all(db: sqlite3.Connection) -> None:
    """Remove all values and shrink the file. Claims stay, because their work goes on.

    Dropping the table writes a few pages of the file; deleting its rows, with their triggers, would write all.
    """
    with transaction(db):
        db.execute("DROP TABLE entries")
        for statement in ENTRIES_SCHEMA:
            db.execute(statement)
        db.execute("UPDATE totals SET entries = 0, size = 0")
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _evict_batch(db: sqlite3.Connection, limit_bytes: int) -> bool:
    """Remove the longest unused values, no more than needed and than a batch. Return True if too many are left."""
    _, size = read_totals(db)
    surplus = size - limit_bytes
    if surplus <= 0:
        return False
    doomed: list[tuple[int]] = []
    for rowid, length in db.execute(
        "SELECT rowid, size FROM entries ORDER BY used, rowid LIMIT ?", (MAX_EVICTION_BATCH_VALUES,)
    ):
        if surplus <= 0:
            break
        doomed.append((rowid,))
        surplus -= length
    db.executemany("DELETE FROM entries WHERE rowid = ?", doomed)
    return bool(doomed) and surplus > 0


def _checksum(key: str, packed: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + packed).digest()
