"""Hand large payloads to a worker as memory instead of through its pipe.

A pipe takes a third of a second for 300 MB, and the payload is then in memory twice. Linux only. The memory is sealed:
nobody can write to it or shorten it any more, neither the process that filled it nor the worker, so the bytes that were
checked are the bytes that are read (`man 2 memfd_create`).
"""

import errno
import mmap
import os
import socket
import sys
from contextlib import suppress
from typing import TypeAlias

MIN_HANDOVER_BYTES = 16_000_000
"""Smaller payloads go through the pipe, which takes next to no time for them."""

_ONE_BYTE = b"\0"


class SealedBytes(mmap.mmap):
    """Memory whose bytes cannot change; its slices are `bytes`. A worker maps `descriptor`."""

    descriptor: int

    def __del__(self) -> None:
        os.close(self.descriptor)


Payload: TypeAlias = bytes | SealedBytes
"""Bytes that a worker is sent through its pipe or, if they are sealed, as memory."""


def copy_sealed(descriptor: int, *, max_bytes: int) -> SealedBytes | None:
    """Copy a file from its beginning, at most `max_bytes`, into sealed memory.

    Return None for an empty file, and where the system or the file's file system cannot do it.
    """
    if sys.platform != "linux":
        return None
    memory = -1
    with suppress(OSError):  # the caller then reads the file the usual way, which says what is wrong with it
        memory = os.memfd_create("ocr-mcp", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        if size := _fill(memory, descriptor, max_bytes):
            _seal(memory)
            sealed = SealedBytes(memory, size, access=mmap.ACCESS_READ)
            sealed.descriptor = memory
            return sealed
    if memory >= 0:
        os.close(memory)
    return None


def make_socket_pair() -> tuple[socket.socket, socket.socket] | None:
    """Return the parent's and the worker's end of a one-way socket for memory; None on other systems than Linux."""
    if sys.platform != "linux":
        return None
    own, of_worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    own.setblocking(False)
    own.shutdown(socket.SHUT_RD)
    return own, of_worker


def hand_over(own: socket.socket, payload: SealedBytes) -> None:
    """Send a worker the memory for the request that follows."""
    socket.send_fds(own, [_ONE_BYTE], [payload.descriptor])


def take_over(of_worker: socket.socket) -> mmap.mmap:
    """Map the memory that came with a request.

    Raises `MemoryError` where the address space has no room for it, and `OSError` where no memory came.
    """
    _, descriptors, _, _ = socket.recv_fds(of_worker, len(_ONE_BYTE), 1)
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


def _fill(memory: int, descriptor: int, max_bytes: int) -> int:
    """Return the number of bytes that were copied."""
    size = 0
    while size < max_bytes and (copied := os.sendfile(memory, descriptor, size, max_bytes - size)):
        size += copied
    return size


def _seal(memory: int) -> None:
    import fcntl  # it does not exist on Windows

    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, seals)
