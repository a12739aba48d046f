"""Takes from the calling process what it does not need any more: files, network, other processes.

What a parser of strangers' files may do is answer on a pipe that is open already. Linux enforces it twice: Landlock
(since 5.13) refuses every file, TCP port and signal to others, a system call filter every socket, fork and program.
Nothing is given back, so everything that is needed has to be imported and opened before.
"""

import ctypes
import sys
from functools import cache
from typing import ClassVar

from ocr_mcp.workers import seccomp

_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_SYS_LANDLOCK_CREATE_RULESET, _SYS_LANDLOCK_RESTRICT_SELF = 444, 446  # the same on every architecture but Alpha
_ASK_VERSION = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many each version knows (linux/landlock.h); from 5 on:
_NEWEST_FILE_RIGHTS = 16
_NET_SINCE, _NET_RIGHTS = 4, 0b11  # bind and connect of TCP
_SCOPES_SINCE, _SCOPES = 6, 0b11  # abstract sockets and signals
_MAX_OPEN_FILES = 64


def confine() -> tuple[str, ...]:
    """Apply what the system offers; the names of what is in force now, of "landlock", "seccomp" and "rlimits"."""
    if sys.platform == "linux":
        _renounce_privileges()
    layers = {"landlock": _apply_landlock, "seccomp": _apply_seccomp, "rlimits": _apply_limits}
    return tuple(name for name, apply in layers.items() if apply())


def _renounce_privileges() -> None:
    """No capability now, none to gain; Landlock and the filter ask for the latter."""
    _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc().capset((ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)())


class _Ruleset(ctypes.Structure):
    _fields_: ClassVar = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


def _apply_landlock() -> bool:
    """A set of rules that allows nothing of what it governs."""
    if sys.platform != "linux":
        return False
    version = _system_call(_SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    rules = _Ruleset(
        files=(1 << _FILE_RIGHTS.get(version, _NEWEST_FILE_RIGHTS)) - 1,
        net=_NET_RIGHTS if version >= _NET_SINCE else 0,
        scopes=_SCOPES if version >= _SCOPES_SINCE else 0,
    )
    ruleset = _system_call(_SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    return ruleset >= 0 and _system_call(_SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0


def _apply_seccomp() -> bool:
    program = seccomp.program_for_this_machine()
    return program is not None and seccomp.install(program, _libc())


def _apply_limits() -> bool:
    """No file may grow, no core is dumped, few descriptors are open at once."""
    if sys.platform == "win32":
        return False
    import resource  # it does not exist on Windows

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_OPEN_FILES, _MAX_OPEN_FILES))
    return True


def _system_call(number: int, *arguments: object) -> int:
    return int(_libc().syscall(ctypes.c_long(number), *arguments))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
