"""Identify processes, and tell whether the process that wrote something still runs."""

import os
import sys
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process. `birth` tells it from later processes of the same number and from those of other containers.

    On Linux `birth` is the process-number namespace and the start time in clock ticks, `pid:[4026531836]/123456`. It is
    empty where it is unknown.
    """

    pid: int
    birth: str


def identify_this_process() -> Process:
    """Return the calling process."""
    pid = os.getpid()
    namespace, status = _read_namespace(), _read_status(pid)
    return Process(pid, f"{namespace}/{status[1]}" if namespace and status else "")


def is_alive(process: Process) -> bool:
    """Return True if the process runs or that cannot be known. A killed process that nobody waited for is dead."""
    namespace, _, started = process.birth.rpartition("/")
    if namespace and namespace == _read_namespace():
        status = _read_status(process.pid)
        return status is not None and status[0] not in {"Z", "X"} and status[1] == started
    if namespace or sys.platform == "win32":  # a process of another container; os.kill(pid, 0) ends it on Windows
        return True
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _read_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _read_status(pid: int) -> tuple[str, str] | None:
    """Return the state and start time of a process (proc_pid_stat(5), fields 3 and 22); None if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return fields[0].decode(), fields[19].decode()
