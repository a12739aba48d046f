"""Claims of processes on values, so that no two processes compute the same value."""

import sqlite3

from ocr_mcp.cache.database import transaction
from ocr_mcp.cache.processes import Process, is_alive

CLAIM_SECONDS = 15.0
"""Lifetime of a claim that is not renewed. Its owner renews it three times in that time."""


def take(db: sqlite3.Connection, key: str, process: Process, *, now: float) -> bool:
    """Take or extend the claim for this process, unless another living process holds it. Delete expired claims.

    Return True if this process holds the claim now.
    """
    with transaction(db):
        held = db.execute("SELECT pid, birth, expires FROM claims WHERE key = ?", (key,)).fetchone()
        if held is not None and _binds(Process(held[0], held[1]), held[2], process, now):
            return False
        db.execute("DELETE FROM claims WHERE expires < ?", (now,))
        row = (key, process.pid, process.birth, now + CLAIM_SECONDS)
        db.execute("INSERT OR REPLACE INTO claims (key, pid, birth, expires) VALUES (?, ?, ?, ?)", row)
        return True


def release(db: sqlite3.Connection, key: str, process: Process) -> None:
    """End the claim if this process holds it."""
    db.execute("DELETE FROM claims WHERE key = ? AND pid = ? AND birth = ?", (key, process.pid, process.birth))


def _binds(owner: Process, expires: float, process: Process, now: float) -> bool:
    """Return True if the claim of `owner` keeps `process` out.

    A claim that ends later than one made now can end was made before the clock was set back, so it binds nobody.
    """
    return owner != process and now <= expires <= now + CLAIM_SECONDS and is_alive(owner)
