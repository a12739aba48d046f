"""Whether the process that wrote something is still the one that runs."""

import os
import sys
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process. `birth` tells it from later ones of the same number and from other containers; "" where unknown.

    On Linux it is the process-number namespace and the start time in clock ticks, `pid:[4026531836]/123456`.
    """

    pid: int
    birth: str


def this_process() -> Process:
    """The process that asks."""
    pid = os.getpid()
    namespace, status = _namespace(), _status(pid)
    return Process(pid, f"{namespace}/{status[1]}" if namespace and status else "")


def is_alive(process: Process) -> bool:
    """Whether it still runs. True where that cannot be known; a killed process that nobody has waited for is dead."""
    namespace, _, started = process.birth.rpartition("/")
    if namespace and namespace == _namespace():
        status = _status(process.pid)
        return status is not None and status[0] not in {"Z", "X"} and status[1] == started
    if namespace or sys.platform == "win32":  # another container; and os.kill(pid, 0) on Windows ends the process
        return True
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _status(pid: int) -> tuple[str, str] | None:
    """State and start time of a process (proc_pid_stat(5), fields 3 and 22), None if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return fields[0].decode(), fields[19].decode()
