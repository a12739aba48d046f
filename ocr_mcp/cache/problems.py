"""Say in one sentence for people why nothing is kept, and what to do about it."""

import errno
import sqlite3
from pathlib import Path

from ocr_mcp.cache.database import BUSY_SECONDS, ForeignFileError, primary_code

_OR_ELSEWHERE = "or choose another folder with OCR_MCP_CACHE_FOLDER"
_CANNOT_WRITE_CODES = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}


def describe_problem(path: Path, error: Exception) -> str:
    """Return what happened, where, and the next step."""
    reason, step = _explain(path, error)
    return f"Pages are read but not kept for the next time: {reason}. {step}"


def _is_out_of_space(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    # SQLITE_IOERR_SHMSIZE: there is no room for the file through which the processes share the log.
    return getattr(error, "sqlite_errorcode", 0) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}


def _explain(path: Path, error: Exception) -> tuple[str, str]:
    code = primary_code(error)
    if path.is_dir():
        return f"the cache '{path}' is a folder where a file should be", f"Remove that folder, {_OR_ELSEWHERE}."
    if _is_out_of_space(error):
        return f"the disk that holds the cache '{path}' is full", "Free space on it, or run 'ocr-mcp cache clear'."
    if code == sqlite3.SQLITE_BUSY:
        reason = f"another process has held the cache '{path}' for more than {BUSY_SECONDS:.0f} seconds"
        return reason, f"End that process if it hangs, {_OR_ELSEWHERE}."
    if code == sqlite3.SQLITE_IOERR:
        reason = f"the disk that holds the cache '{path}' reports an error ({error})"
        return reason, f"Check its quota and its health, {_OR_ELSEWHERE}."
    if code in _CANNOT_WRITE_CODES or isinstance(error, OSError):
        why = error.strerror if isinstance(error, OSError) else error
        return f"the cache '{path}' cannot be written ({why})", f"Make its folder writable, {_OR_ELSEWHERE}."
    verdict = error if isinstance(error, ForeignFileError) else f"cannot be used ({error})"
    return f"the cache '{path}' {verdict}", f"Move that file away, {_OR_ELSEWHERE}."
