"""A filter of system calls (seccomp, `man 2 seccomp`): no socket, no fork, no program, no look into other processes.

It names what is refused, not what is allowed: a list of everything that Python, MuPDF and libc may ever call would
break with their next versions, and reading and writing of files is Landlock's part.
"""

import ctypes
import platform
import struct
import sys
from typing import ClassVar, NamedTuple


class _Architecture(NamedTuple):
    """What a filter has to know of a processor: AUDIT_ARCH, the number of `clone`, and of the calls to refuse."""

    audit: int
    clone: int
    refused: tuple[int, ...]


_REFUSED = {  # numbers on x86_64 and on arm64, None where there is no such call
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
    "x86_64": _Architecture(0xC000003E, 56, tuple(pair[0] for pair in _REFUSED.values())),
    "aarch64": _Architecture(0xC00000B7, 220, tuple(pair[1] for pair in _REFUSED.values() if pair[1] is not None)),
}
_CLONE3 = 435  # its flags are out of a filter's sight; libc takes clone where there is none
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000  # where the calls of another ABI of x86_64 begin

_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _AUDIT, _FIRST_ARGUMENT = 0, 4, 16  # where they lie in `struct seccomp_data`
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]
"""What to do, how many to skip if true, how many if false, and with what (`struct sock_filter`)."""


class _Program(ctypes.Structure):
    _fields_: ClassVar = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def program_for_this_machine() -> bytes | None:
    """The filter as the kernel takes it; None on other systems and processors."""
    architecture = _ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or architecture is None or sys.maxsize < 2**32:
        return None
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in _instructions(architecture))


def install(program: bytes, libc: ctypes.CDLL) -> bool:
    """Filter the calls of this process from now on. It must have renounced new privileges."""
    filled = _Program(len(program) // 8, program)
    return libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filled), 0, 0) == 0


def _instructions(architecture: _Architecture) -> list[Instruction]:
    refusals = [part for number in architecture.refused for part in _answer_if(_IF_EQUAL, number, _EPERM)]
    return [
        (_LOAD, 0, 0, _AUDIT),
        (_IF_EQUAL, 1, 0, architecture.audit),
        (_RETURN, 0, 0, _EPERM),
        (_LOAD, 0, 0, _NUMBER),
        *_answer_if(_IF_AT_LEAST, _X32, _EPERM),
        *_answer_if(_IF_EQUAL, _CLONE3, _ENOSYS),
        *refusals,
        (_IF_EQUAL, 1, 0, architecture.clone),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),  # a thread is cloned too, with this flag
        *_answer_if(_IF_ANY_BIT, _CLONE_THREAD, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]


def _answer_if(test: int, operand: int, answer: int) -> list[Instruction]:
    return [(test, 0, 1, operand), (_RETURN, 0, 0, answer)]
