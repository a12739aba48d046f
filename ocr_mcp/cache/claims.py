"""Which process computes which value, so that no other one computes it too."""

import sqlite3

from ocr_mcp.cache.database import transaction
from ocr_mcp.cache.processes import Process, is_alive

CLAIM_SECONDS = 15.0
"""How long a claim lives without being renewed; its owner renews it three times in that time."""


def take(db: sqlite3.Connection, key: str, process: Process, *, now: float) -> bool:
    """Take or extend the claim for this process, unless another living one holds it. Expired claims are swept."""
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
    """An end later than any claim made now can have means that the clock was set back."""
    return owner != process and now <= expires <= now + CLAIM_SECONDS and is_alive(owner)
