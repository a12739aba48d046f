"""Who still runs: processes are found by a mark in their environment or command line, whoever their parent is now."""

import os
import time
from pathlib import Path


def marked(mark: str) -> list[int]:
    """The living processes that were started with the mark. A folder in TMPDIR reaches the workers' environment too."""
    sought = mark.encode()
    return [int(each.name) for each in Path("/proc").glob("[0-9]*") if _is_alive(each) and _carries(each, sought)]


def left_after(mark: str, *, seconds: float) -> list[int]:
    """The marked processes that still run after so long; empty as soon as there are none."""
    end = time.monotonic() + seconds
    while (found := marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def command_line(pid: int) -> str:
    """For the figures: what a process was started as."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return "gone"


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far; 0 when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def count_descriptors(pid: int) -> int:
    """How many files, pipes and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def count_threads(pid: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def _carries(process: Path, sought: bytes) -> bool:
    try:
        return any(sought in (process / name).read_bytes() for name in ("environ", "cmdline"))
    except OSError:
        return False


def _is_alive(process: Path) -> bool:
    """A zombie has ended; its parent, not the server, has yet to collect it."""
    try:
        return (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (OSError, IndexError):
        return False
