"""Stops the work on Ctrl-C, SIGTERM or a reader that left: everything is cleaned up, and nobody sees a traceback."""

import os
import select
import signal
import stat
import sys
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import NoReturn

import anyio
from anyio.abc import TaskStatus

from ocr_mcp.runtime.background_tasks import companions

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_LOOK_SECONDS = 0.3


class Stop:
    """Ends the work within its scope. `signal` is the number of the signal that did it, None while there was none."""

    def __init__(self) -> None:
        self.scope = anyio.CancelScope()
        self.signal: int | None = None

    @property
    def exit_code(self) -> int:
        """Exit code as shells count it: 130 after Ctrl-C, 143 after SIGTERM. A reader that has enough is no error."""
        return 0 if self.signal is None else 128 + self.signal


class ReaderLeftError(Exception):
    """Nobody reads stdout any more (`| head`). It never reaches the user."""


def leave_on_signals() -> None:
    """Let a signal end the program at once until the work begins. Signals that the caller ignores stay ignored."""
    for number in _heeded():
        signal.signal(number, _leave)


async def run_until_stopped(work: Callable[[Stop], Awaitable[int]]) -> int:
    """Run the work. Returns its exit code, or that of the stop."""
    stop = Stop()
    try:
        async with companions() as tasks:
            await tasks.start(_watch_signals, stop)
            with stop.scope:
                return await work(stop)
    except ReaderLeftError:
        pass
    return stop.exit_code


async def watch_reader(stop: Stop) -> None:
    """Stop the work when the other end of stdout is closed, also while no page is ready to be written."""
    if sys.platform == "win32" or sys.stdout is None or not is_pipe(sys.stdout.fileno()):  # pyright: ignore[reportUnnecessaryComparison]  >&- closes it
        return
    poller = select.poll()
    poller.register(sys.stdout.fileno(), 0)
    while not poller.poll(0):  # noqa: ASYNC110  a pipe whose reader leaves sets no event
        await anyio.sleep(_LOOK_SECONDS)
    stop.scope.cancel()


def is_pipe(descriptor: int) -> bool:
    """Return True for a pipe or a socket, whose other end reads at a pace of its own."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _heeded() -> list[int]:
    return [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    del frame
    raise SystemExit(128 + number)


async def _watch_signals(stop: Stop, *, task_status: TaskStatus[None]) -> None:
    """Stop the work at the first signal, and the process at the second."""
    if sys.platform == "win32" or not (numbers := _heeded()):
        task_status.started()
        return
    with anyio.open_signal_receiver(*(signal.Signals(number) for number in numbers)) as received:
        task_status.started()
        async for number in received:
            if stop.signal is not None:
                os._exit(128 + number)
            stop.signal = int(number)
            stop.scope.cancel()
