"""Large payloads that a worker gets as memory: a pipe takes a third of a second for 300 MB, and they are there twice.

Linux only. The memory is sealed, so that what was checked stays what is read: nobody can write to it or cut it any
more, neither the process that filled it nor the worker (`man 2 memfd_create`).
"""

import errno
import mmap
import os
import socket
import sys
from contextlib import suppress
from typing import TypeAlias

MIN_BYTES = 16_000_000
"""What is smaller goes through the pipe in no time."""

_A_BYTE = b"\0"


class SealedBytes(mmap.mmap):
    """Bytes in memory that stay as they are; slices of it are `bytes`. `descriptor` is what a worker maps."""

    descriptor: int

    def __del__(self) -> None:
        os.close(self.descriptor)


Payload: TypeAlias = bytes | SealedBytes
"""What a worker may be sent: through its pipe, or as memory."""


def sealed_copy(descriptor: int, *, most_bytes: int) -> SealedBytes | None:
    """A file from its beginning, at most so many bytes; None where the system or the place of the file cannot do it."""
    if sys.platform != "linux":
        return None
    memory = -1
    with suppress(OSError):  # the file is then read the usual way, which says what is wrong with it
        memory = os.memfd_create("ocr-mcp", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        if size := _filled(memory, descriptor, most_bytes):
            _seal(memory)
            sealed = SealedBytes(memory, size, access=mmap.ACCESS_READ)
            sealed.descriptor = memory
            return sealed
    if memory >= 0:
        os.close(memory)
    return None


def make_pair() -> tuple[socket.socket, socket.socket] | None:
    """The parent's and the worker's end of what memory is handed through; nothing comes back on it."""
    if sys.platform != "linux":
        return None
    own, of_worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    own.setblocking(False)
    own.shutdown(socket.SHUT_RD)
    return own, of_worker


def hand_over(own: socket.socket, payload: SealedBytes) -> None:
    """Give a worker the memory, for the request that follows."""
    socket.send_fds(own, [_A_BYTE], [payload.descriptor])


def take_over(of_worker: socket.socket) -> mmap.mmap:
    """The memory that came with a request. Raises `MemoryError` where it has no room, `OSError` where none came."""
    _, descriptors, _, _ = socket.recv_fds(of_worker, len(_A_BYTE), 1)
    if not descriptors:
        raise OSError("no memory was handed over")
    try:
        return mmap.mmap(descriptors[0], 0, access=mmap.ACCESS_READ)
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise MemoryError from error
        raise
    finally:
        os.close(descriptors[0])


def _filled(memory: int, descriptor: int, most_bytes: int) -> int:
    size = 0
    while size < most_bytes and (copied := os.sendfile(memory, descriptor, size, most_bytes - size)):
        size += copied
    return size


def _seal(memory: int) -> None:
    import fcntl  # it does not exist on Windows

    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, seals)
