"""Predictions and facts about documents that were computed once, by content hash, in one sqlite file for all processes.

The file is in WAL mode with `synchronous=NORMAL`: 1,000 kill -9 while writing lost nothing that was acknowledged
(`tests/cache/kill_loop.py` repeats it). Every value carries a checksum, and a mismatch is a miss. A cache that cannot
be used costs time, never a page: each operation then does nothing, and `Cache.problem` says why. The file must not lie
on a network file system, because WAL needs memory that all its processes share.
"""

from ocr_mcp.cache.cache import Cache, CacheInfo

__all__ = ["Cache", "CacheInfo"]
