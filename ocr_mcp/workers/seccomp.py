"""A filter of system calls (`man 2 seccomp`) that refuses sockets, forks, programs and access to other processes.

The filter lists the calls that it refuses, not those that it allows: a list of everything that Python, MuPDF and libc
may ever call would break with their next versions. Landlock governs the reading and writing of files.
"""

import ctypes
import platform
import struct
import sys
from typing import ClassVar, NamedTuple


class _Architecture(NamedTuple):
    """Numbers that differ between processors: AUDIT_ARCH, the number of `clone`, and those of the calls to refuse."""

    audit: int
    clone: int
    refused: tuple[int, ...]


_REFUSED_CALLS = {  # numbers on x86_64 and on arm64, None where there is no such call
    "socket": (41, 198),
    "socketpair": (53, 199),
    "bind": (49, 200),
    "connect": (42, 203),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "open_by_handle_at": (304, 265),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "memfd_create": (319, 279),
    "io_uring_setup": (425, 425),  # it makes calls that no filter sees
}
_ARCHITECTURES = {
    "x86_64": _Architecture(0xC000003E, 56, tuple(pair[0] for pair in _REFUSED_CALLS.values())),
    "aarch64": _Architecture(
        0xC00000B7, 220, tuple(pair[1] for pair in _REFUSED_CALLS.values() if pair[1] is not None)
    ),
}
_CLONE3_CALL = 435  # a filter cannot see its flags; libc calls clone where there is no clone3
_CLONE_THREAD_FLAG = 0x00010000
_X32_FIRST_CALL = 0x40000000  # the calls of the x32 ABI of x86_64 begin here

_OP_LOAD, _OP_IF_EQUAL, _OP_IF_AT_LEAST, _OP_IF_ANY_BIT, _OP_RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_CALL, _AT_AUDIT_ARCH, _AT_FIRST_ARGUMENT = 0, 4, 16  # offsets in `struct seccomp_data`, in bytes
_ANSWER_ALLOW, _ANSWER_EPERM, _ANSWER_ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]
"""Operation, instructions to skip if true, instructions to skip if false, operand (`struct sock_filter`)."""


class _Program(ctypes.Structure):
    _fields_: ClassVar = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def build_program() -> bytes | None:
    """Return the filter for this machine as the kernel takes it; None on other systems and processors."""
    architecture = _ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or architecture is None or sys.maxsize < 2**32:
        return None
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in _build_instructions(architecture))


def install(program: bytes, libc: ctypes.CDLL) -> bool:
    """Filter the calls of this process from now on. The process must have renounced new privileges."""
    filled = _Program(len(program) // 8, program)
    return libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filled), 0, 0) == 0


def _build_instructions(architecture: _Architecture) -> list[Instruction]:
    refusals = [part for number in architecture.refused for part in _answer_if(_OP_IF_EQUAL, number, _ANSWER_EPERM)]
    return [
        (_OP_LOAD, 0, 0, _AT_AUDIT_ARCH),
        (_OP_IF_EQUAL, 1, 0, architecture.audit),
        (_OP_RETURN, 0, 0, _ANSWER_EPERM),
        (_OP_LOAD, 0, 0, _AT_CALL),
        *_answer_if(_OP_IF_AT_LEAST, _X32_FIRST_CALL, _ANSWER_EPERM),
        *_answer_if(_OP_IF_EQUAL, _CLONE3_CALL, _ANSWER_ENOSYS),
        *refusals,
        (_OP_IF_EQUAL, 1, 0, architecture.clone),
        (_OP_RETURN, 0, 0, _ANSWER_ALLOW),
        (_OP_LOAD, 0, 0, _AT_FIRST_ARGUMENT),  # threads are cloned too, with a flag that forks lack
        *_answer_if(_OP_IF_ANY_BIT, _CLONE_THREAD_FLAG, _ANSWER_ALLOW),
        (_OP_RETURN, 0, 0, _ANSWER_EPERM),
    ]


def _answer_if(test: int, operand: int, answer: int) -> list[Instruction]:
    return [(test, 0, 1, operand), (_OP_RETURN, 0, 0, answer)]
