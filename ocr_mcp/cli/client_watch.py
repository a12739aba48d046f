"""A server whose client is gone before it could serve: loading takes a second or more, and nobody waits for it."""

import os
import select
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

LOOK_SECONDS = 0.2


@contextmanager
def leaving_with_client(parent: int) -> Generator[None]:
    """End the process when the process `parent` dies, or stdin closes without anything sent, while the block runs."""
    if sys.platform == "win32":
        yield
        return
    loaded = threading.Event()
    threading.Thread(target=_watch, args=(parent, loaded), daemon=True).start()
    try:
        yield
    finally:
        loaded.set()


def _watch(parent: int, loaded: threading.Event) -> None:
    stdin = select.poll()
    stdin.register(0, select.POLLIN)
    while not loaded.wait(LOOK_SECONDS):
        closed_unused = any(events & (select.POLLIN | select.POLLHUP) == select.POLLHUP for _, events in stdin.poll(0))
        if closed_unused or os.getppid() != parent:
            os._exit(0)
