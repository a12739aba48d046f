"""What was computed once: predictions and facts about documents, by content hash, in one sqlite file for all processes.

WAL mode with `synchronous=NORMAL`: 1,000 kill -9 while writing lost nothing that was acknowledged
(`tests/cache/kill_loop.py` repeats it). Every value carries a checksum; a mismatch is a miss. A cache that cannot be
used costs time, never a page: each operation then does nothing, and `Cache.problem` says why. The file must not lie on
a network file system: WAL needs memory that all its processes share.
"""

from ocr_mcp.cache.cache import Cache, CacheInfo

__all__ = ["Cache", "CacheInfo"]
