"""Running processes, found by a mark in their environment or command line, whatever their parent is now."""

import os
import time
from pathlib import Path


def marked(mark: str) -> list[int]:
    """Return the living processes that were started with the mark, such as a TMPDIR, which workers inherit."""
    sought = mark.encode()
    return [int(each.name) for each in Path("/proc").glob("[0-9]*") if _is_alive(each) and _carries(each, sought)]


def left_after(mark: str, *, seconds: float) -> list[int]:
    """Return the marked processes that still run after so long; return at once when there are none."""
    end = time.monotonic() + seconds
    while (found := marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def command_line(pid: int) -> str:
    """Return the command line of a process, for the figures."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return "gone"


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far; 0 when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def count_descriptors(pid: int) -> int:
    """Return how many files, pipes and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def count_threads(pid: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def _carries(process: Path, sought: bytes) -> bool:
    try:
        return any(sought in (process / name).read_bytes() for name in ("environ", "cmdline"))
    except OSError:
        return False


def _is_alive(process: Path) -> bool:
    """Return False for a zombie too: it has ended, and its parent has yet to collect it."""
    try:
        return (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (OSError, IndexError):
        return False
