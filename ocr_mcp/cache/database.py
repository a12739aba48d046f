"""Open and create the sqlite file, tell it from other programs' files, and set it aside when it is damaged."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path

APPLICATION_ID = 0x4F43524D
"""'OCRM', which tells this program's file from any other sqlite database."""
SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0
"""Time that sqlite waits for a lock of another process."""
MAX_OPEN_ATTEMPTS = 6
_OPEN_PAUSE_SECONDS = 0.02
"""Pause after the first attempt to open; it doubles after each."""

ENTRIES_SCHEMA = (
    # The value comes last, because columns behind a long one are slow to reach.
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
    """The sqlite database belongs to another program or version, so this one must not touch it."""


def create_private_file(path: Path) -> int:
    """Create the folder and the file for their owner alone, where they are missing. Return the file's inode.

    sqlite gives its `-wal` and `-shm` files the mode of the database. An existing file is not opened here, because
    closing it would drop the locks that another connection of this process holds (sqlite.org/howtocorrupt.html, 2.2).
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path.stat().st_ino


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file and create its tables if it is new.

    Two processes that start together can collide, so a busy file is tried `MAX_OPEN_ATTEMPTS` times.
    """
    for attempt in range(MAX_OPEN_ATTEMPTS):
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _set_up(db)
        except BaseException as error:
            db.close()
            if attempt == MAX_OPEN_ATTEMPTS - 1 or primary_code(error) != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_OPEN_PAUSE_SECONDS * 2**attempt)
        else:
            return db
    raise AssertionError("unreachable: the last attempt returns or raises")


def _set_up(db: sqlite3.Connection) -> None:
    has_tables = _is_ours(db)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    if has_tables:
        return
    with transaction(db):
        if not _is_ours(db):  # another process may have been faster
            for statement in _SCHEMA:
                db.execute(statement)


def _is_ours(db: sqlite3.Connection) -> bool:
    """Return True for this program's tables, False for an empty file. Raises `ForeignFileError` for anything else."""
    application, version, tables = _read_identity(db)
    if (application, version) == (APPLICATION_ID, SCHEMA_VERSION):
        return True
    if application == APPLICATION_ID:
        raise ForeignFileError(
            f"was made by another version of this program (format {version}, this one writes {SCHEMA_VERSION})"
        )
    if application or version or tables:
        raise ForeignFileError("is the database of another program")
    return False


def _read_identity(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Return the application's number, the version and the number of tables, indexes and triggers, at one moment.

    Another process may create the tables meanwhile. Read without a common snapshot, the file would then have no
    application and yet have tables, as one of another program has.
    """
    db.execute("SAVEPOINT identity")  # an error needs no release: callers close the connection or roll back
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    db.execute("RELEASE identity")
    return application, version, tables


def open_unchanging(path: Path) -> sqlite3.Connection | None:
    """Open for reading a file that cannot be opened for writing, on a read-only or a full disk. None if that fails too.

    WAL mode needs a writable folder unless the file is declared immutable. Values that another process has written and
    not yet merged are then not seen.
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
    """Write everything that the block writes, or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # when the disk is full, sqlite has ended the transaction already
            db.execute("ROLLBACK")
        raise


def primary_code(error: BaseException) -> int:
    """Return the sqlite result code without its details (sqlite.org/rescode.html); 0 for an error that has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Return True if the content of the file is wrong, as opposed to access to it."""
    return primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def set_aside(path: Path, *, inode: int) -> Path | None:
    """Rename a damaged file to `….damaged` and drop its log, which must not be applied to the next file.

    Do nothing and return None if the file no longer has that inode, because another process was faster. Processes that
    still have the old file open keep it to themselves: sqlite sees that it has moved.
    """
    try:
        if path.stat().st_ino != inode:
            return None
    except FileNotFoundError:
        return None
    _remove_log(path)
    return path.replace(_damaged_path(path))


def remove_files(path: Path) -> None:
    """Remove the database and its log."""
    path.unlink(missing_ok=True)
    _remove_log(path)


def _remove_log(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def remove_set_aside(path: Path) -> None:
    """Remove the file that `set_aside` kept, because it holds texts of pages."""
    _damaged_path(path).unlink(missing_ok=True)


def _damaged_path(path: Path) -> Path:
    return path.with_name(path.name + ".damaged")
