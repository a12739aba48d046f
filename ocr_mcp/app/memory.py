"""Keeps memory flat however long a document is."""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 128 * 1024


def return_large_blocks() -> None:
    """Give the memory of freed pictures back to the system.

    glibc raises this limit by itself as soon as a picture is freed, and then keeps pictures between small objects that
    live longer: 1,000 pages left 35 MB of holes (docs/benchmarks.md).
    """
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if set_option is not None:
            set_option(_M_MMAP_THRESHOLD, _LARGE_BYTES)
