"""The sqlite file: opened, made, told from other programs' files, set aside when damaged."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path

APPLICATION_ID = 0x4F43524D
"""'OCRM': what tells this program's file from any other sqlite database."""
SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0
OPEN_ATTEMPTS = 6

ENTRIES_SCHEMA = (
    # The value comes last: columns behind a long one are slow to reach.
    """CREATE TABLE entries (
        key TEXT PRIMARY KEY, used REAL NOT NULL, size INTEGER NOT NULL, checksum BLOB NOT NULL, value BLOB NOT NULL
    )""",
    "CREATE INDEX entries_by_use ON entries (used)",
    """CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
        UPDATE totals SET entries = entries + 1, size = size + new.size; END""",
    """CREATE TRIGGER entry_replaced AFTER UPDATE OF size ON entries BEGIN
        UPDATE totals SET size = size - old.size + new.size; END""",
    """CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN
        UPDATE totals SET entries = entries - 1, size = size - old.size; END""",
)
_SCHEMA = (
    "CREATE TABLE totals (entries INTEGER NOT NULL, size INTEGER NOT NULL)",
    "INSERT INTO totals VALUES (0, 0)",
    *ENTRIES_SCHEMA,
    """CREATE TABLE claims (
        key TEXT PRIMARY KEY, pid INTEGER NOT NULL, birth TEXT NOT NULL, expires REAL NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX claims_by_end ON claims (expires)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


class ForeignFileError(Exception):
    """A sqlite database that this version of this program must not touch."""


def create_private_file(path: Path) -> int:
    """Make the folder and the file for their owner alone, where they are missing; the file's inode.

    sqlite gives its `-wal` and `-shm` files the mode of the database. An existing file is not opened here: closing it
    would drop the locks that another connection of this process holds (sqlite.org/howtocorrupt.html, 2.2).
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path.stat().st_ino


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file and make its tables if it is new. Two processes that start together can collide: try again."""
    for attempt in range(OPEN_ATTEMPTS):
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _set_up(db)
        except BaseException as error:
            db.close()
            if attempt == OPEN_ATTEMPTS - 1 or primary_code(error) != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.02 * 2**attempt)
        else:
            return db
    raise AssertionError("unreachable: the last attempt returns or raises")


def _set_up(db: sqlite3.Connection) -> None:
    made = _is_ours(db)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    if made:
        return
    with transaction(db):
        if not _is_ours(db):  # another process may have been faster
            for statement in _SCHEMA:
                db.execute(statement)


def _is_ours(db: sqlite3.Connection) -> bool:
    """True for this program's tables, False for an empty file; an error for anything else."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version) == (APPLICATION_ID, SCHEMA_VERSION):
        return True
    if application == APPLICATION_ID:
        raise ForeignFileError(
            f"was made by another version of this program (format {version}, this one writes {SCHEMA_VERSION})"
        )
    if application or version or tables:
        raise ForeignFileError("is the database of another program")
    return False


def open_unchanging(path: Path) -> sqlite3.Connection | None:
    """Open for reading what cannot be opened for writing: a read-only or a full disk. None where that fails too.

    WAL mode needs a writable folder unless the file is called immutable; what another process has written and not yet
    merged is then not seen.
    """
    try:
        db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None, check_same_thread=False
        )
    except (sqlite3.Error, OSError):
        return None
    try:
        if _is_ours(db):
            return db
    except (sqlite3.Error, ForeignFileError):
        pass
    db.close()
    return None


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    """Write all of the block or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # sqlite has ended it already when the disk is full
            db.execute("ROLLBACK")
        raise


def primary_code(error: BaseException) -> int:
    """The sqlite result code without its details (sqlite.org/rescode.html); 0 for an error that has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Whether the content of the file is wrong, as opposed to access to it."""
    return primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def set_aside(path: Path, *, inode: int) -> Path | None:
    """Rename a damaged file to `….damaged` and drop its log, which must not be applied to the next file.

    None, and nothing done, if the file is no longer the one of that inode: another process was faster. Processes that
    still have the old file open keep it to themselves; sqlite sees that it has moved.
    """
    try:
        if path.stat().st_ino != inode:
            return None
    except FileNotFoundError:
        return None
    _remove_log(path)
    return path.replace(_damaged(path))


def remove_files(path: Path) -> None:
    """Remove the database and its log."""
    path.unlink(missing_ok=True)
    _remove_log(path)


def _remove_log(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def remove_set_aside(path: Path) -> None:
    """Remove what `set_aside` kept: it holds page texts."""
    _damaged(path).unlink(missing_ok=True)


def _damaged(path: Path) -> Path:
    return path.with_name(path.name + ".damaged")
