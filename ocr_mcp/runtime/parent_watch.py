"""The process that started this one, and what to do when it dies.

`PARENT` is read when this module is imported, which `ocr_mcp.cli` does first: a client may die while the rest is
loaded, which takes a second.
"""

import os
import select
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

PARENT = os.getppid()
"""Process number of the parent at the start: that of a reaper, such as 1, where the parent had died by then."""

POLL_SECONDS = 0.2
"""Time between two checks. A parent's death is no event that a process could wait for."""


@contextmanager
def watching_parent(on_death: Callable[[], None], *, parent: int = PARENT, stdin: bool = False) -> Generator[None]:
    """Call `on_death` once, in a thread of its own, when the process `parent` dies while the block runs.

    With `stdin`, a stdin that closes before anything was sent counts as a death too. Windows keeps the number of a
    dead parent, so nothing is watched there.
    """
    if sys.platform == "win32":
        yield
        return
    has_ended = threading.Event()
    threading.Thread(target=_watch, args=(parent, stdin, on_death, has_ended), daemon=True).start()
    try:
        yield
    finally:
        has_ended.set()


def _watch(parent: int, stdin: bool, on_death: Callable[[], None], has_ended: threading.Event) -> None:
    while not has_ended.wait(POLL_SECONDS):
        if os.getppid() != parent or (stdin and _is_closed_unused()):
            on_death()
            return


def _is_closed_unused() -> bool:
    stdin = select.poll()
    stdin.register(0, select.POLLIN)
    return any(events & (select.POLLIN | select.POLLHUP) == select.POLLHUP for _, events in stdin.poll(0))
