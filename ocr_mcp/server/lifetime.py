"""When the server ends: with its client, with its parent, or on a signal; soon, and with nothing left running."""

import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import NoReturn

import anyio

PARENT_POLL_SECONDS = 0.3
LAST_RESORT_SECONDS = 1.5
"""After this the process ends even if something hangs; its children end with it (their stdin closes).

Together with the poll it is less than the 3 s after which nothing may be left (torture/client_deaths.py).
"""

EXIT_ON = {signal.SIGINT: 130, signal.SIGTERM: 143}


async def until_told_to_stop(serve: Callable[[], Awaitable[None]], parent: int) -> int:
    """Run `serve` until it returns, a signal comes or the process `parent` is gone; the exit code.

    A client that is killed closes stdin, but another process may hold the pipe open: so the parent is watched too. The
    thread that waits for stdin cannot be cancelled, which is why a stop that was not stdin's own has a last resort.
    """
    code = 0

    def stop_with(exit_code: int) -> None:
        nonlocal code
        code = exit_code
        _exit_at_last(exit_code)
        tasks.cancel_scope.cancel()

    async def watch_signals() -> None:
        with anyio.open_signal_receiver(*EXIT_ON) as signals:
            async for received in signals:
                stop_with(EXIT_ON[received])

    async def watch_parent() -> None:
        while os.getppid() == parent:  # noqa: ASYNC110  a parent's end is no event
            await anyio.sleep(PARENT_POLL_SECONDS)
        stop_with(0)

    async with anyio.create_task_group() as tasks:
        if sys.platform != "win32":
            tasks.start_soon(watch_signals)
            tasks.start_soon(watch_parent)
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
