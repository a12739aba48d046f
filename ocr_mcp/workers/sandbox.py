"""Take from the calling process what it does not need any more: files, network, other processes.

A parser of strangers' files may only answer on a pipe that is open already. Linux enforces this twice: Landlock (since
5.13) refuses every file, every TCP port and every signal to other processes, and a system call filter refuses every
socket, fork and program. Nothing is given back, so everything that is needed has to be imported and opened before.
"""

import ctypes
import sys
from functools import cache
from typing import ClassVar

from ocr_mcp.workers import seccomp

_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_SYS_LANDLOCK_CREATE_RULESET, _SYS_LANDLOCK_RESTRICT_SELF = (
    444,
    446,
)  # the numbers are the same on every architecture but Alpha
_ASK_VERSION_FLAG = 1
_FILE_RIGHTS_COUNTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Number of file rights that each version of Landlock knows (linux/landlock.h)."""
_NEWEST_FILE_RIGHTS_COUNT = 16
"""Number of file rights from version 5 on."""
_NET_SINCE_VERSION, _NET_RIGHTS_MASK = 4, 0b11  # bind and connect of TCP
_SCOPES_SINCE_VERSION, _SCOPES_MASK = 6, 0b11  # abstract sockets and signals
_MAX_OPEN_FILES = 64


def confine() -> tuple[str, ...]:
    """Apply what the system offers and return the layers that are in force: "landlock", "seccomp", "rlimits"."""
    if sys.platform == "linux":
        _renounce_privileges()
    layers = {"landlock": _apply_landlock, "seccomp": _apply_seccomp, "rlimits": _apply_limits}
    return tuple(name for name, apply in layers.items() if apply())


def _renounce_privileges() -> None:
    """Give up all capabilities and the chance to gain any, which Landlock and the filter require."""
    _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc().capset((ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)())


class _Ruleset(ctypes.Structure):
    _fields_: ClassVar = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


def _apply_landlock() -> bool:
    """Apply a set of rules that allows nothing of what it governs. Return False where there is no Landlock."""
    if sys.platform != "linux":
        return False
    version = _system_call(_SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION_FLAG)
    if version < 1:
        return False
    rules = _Ruleset(
        files=(1 << _FILE_RIGHTS_COUNTS.get(version, _NEWEST_FILE_RIGHTS_COUNT)) - 1,
        net=_NET_RIGHTS_MASK if version >= _NET_SINCE_VERSION else 0,
        scopes=_SCOPES_MASK if version >= _SCOPES_SINCE_VERSION else 0,
    )
    ruleset = _system_call(_SYS_LANDLOCK_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    return ruleset >= 0 and _system_call(_SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0


def _apply_seccomp() -> bool:
    program = seccomp.build_program()
    return program is not None and seccomp.install(program, _libc())


def _apply_limits() -> bool:
    """Let no file grow, no core be dumped, and only `_MAX_OPEN_FILES` descriptors be open at once."""
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
