"""What the cache does on a disk that fails, in a process of its own; prints one JSON object.

python -m tests.cache.bad_disk fill PATH      puts until that fails, then reads, then clears and puts again
python -m tests.cache.bad_disk limit PATH     the same where no file may grow beyond 256 KB (the write fails: EFBIG)
python -m tests.cache.bad_disk write PATH     puts 'kept'
python -m tests.cache.bad_disk read PATH      reads 'kept', puts 'new' and reads it
python -m tests.cache.bad_disk clear PATH     clears
"""

import json
import os
import resource
import sys
from pathlib import Path

import anyio

from ocr_mcp.cache import Cache


async def fill(path: Path) -> dict[str, object]:
    cache = Cache(path)
    puts = 0
    while cache.problem is None and puts < 1000:
        await cache.put(f"key-{puts}", os.urandom(4000))
        puts += 1
    problem = cache.problem
    first_is_read = await cache.get("key-0") is not None
    another_task_may_compute = await cache.claim("key-0")
    entries = (await cache.info()).entries
    newcomer = Cache(path)
    newcomer_reads = await newcomer.get("key-0") is not None
    await newcomer.aclose()
    cleared = await cache.clear()
    await cache.put("after", b"clear")
    after = await cache.get("after")
    await cache.aclose()
    return {
        "puts": puts,
        "entries": entries,
        "problem": problem,
        "first is read": first_is_read,
        "claimed": another_task_may_compute,
        "newcomer reads": newcomer_reads,
        "cleared": cleared,
        "after": (after or b"").decode(),
        "problem after": cache.problem,
    }


async def limit(path: Path) -> dict[str, object]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, 256 * 1024))
    return await fill(path)


async def write(path: Path) -> dict[str, object]:
    cache = Cache(path)
    await cache.put("kept", b"value")
    await cache.aclose()
    return {"problem": cache.problem}


async def read(path: Path) -> dict[str, object]:
    cache = Cache(path)
    kept = await cache.get("kept")
    before = cache.problem
    await cache.put("new", b"value")
    new = await cache.get("new")
    claimed = await cache.claim("new")
    await cache.aclose()
    return {"kept": (kept or b"").decode(), "new": new, "claimed": claimed, "problem": cache.problem, "before": before}


async def clear(path: Path) -> dict[str, object]:
    cache = Cache(path)
    cleared = await cache.clear()
    await cache.aclose()
    return {"cleared": cleared, "files": sorted(file.name for file in path.parent.iterdir()), "problem": cache.problem}


if __name__ == "__main__":
    steps = {"fill": fill, "limit": limit, "write": write, "read": read, "clear": clear}
    print(json.dumps(anyio.run(steps[sys.argv[1]], Path(sys.argv[2]))))  # noqa: T201
