"""The end of the server: with its client, with its parent, or on a signal; soon, and with nothing left running."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

import anyio

from ocr_mcp.runtime.parent_watch import watching_parent

LAST_RESORT_SECONDS = 1.5
"""Time after which the process ends even if something hangs. Its children end with it, as their stdin closes.

Together with the watch of the parent this is less than the 3 s after which nothing may be left
(torture/client_deaths.py).
"""

EXIT_ON = {signal.SIGINT: 130, signal.SIGTERM: 143}


async def until_told_to_stop(serve: Callable[[], Awaitable[None]], parent: int) -> int:
    """Run `serve` until it returns, a signal comes or the process `parent` is gone; return the exit code.

    A client that is killed closes stdin, but another process may hold the pipe open: so the parent is watched too. The
    thread that waits for stdin cannot be cancelled, which is why a stop that was not stdin's own has a last resort.
    """
    code = 0
    loop = asyncio.get_running_loop()  # anyio has no way into the loop from a thread that is not its own

    def stop_with(exit_code: int) -> None:
        nonlocal code
        code = exit_code
        tasks.cancel_scope.cancel()

    def stop_without_parent() -> None:
        _exit_at_last(0)  # from the watching thread, as the loop itself may hang
        with suppress(RuntimeError):  # the loop has just been closed
            loop.call_soon_threadsafe(stop_with, 0)

    async def watch_signals() -> None:
        with anyio.open_signal_receiver(*EXIT_ON) as signals:
            async for received in signals:
                _exit_at_last(EXIT_ON[received])
                stop_with(EXIT_ON[received])

    with watching_parent(stop_without_parent, parent=parent):
        async with anyio.create_task_group() as tasks:
            if sys.platform != "win32":
                tasks.start_soon(watch_signals)
            await serve()
            _exit_at_last(0)
            tasks.cancel_scope.cancel()
    return code


def exit_with(code: int) -> NoReturn:
    """End now: a thread may still hold stdin, and the interpreter would wait for it or abort."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _exit_at_last(code: int) -> None:
    timer = threading.Timer(LAST_RESORT_SECONDS, os._exit, args=(code,))
    timer.daemon = True
    timer.start()
