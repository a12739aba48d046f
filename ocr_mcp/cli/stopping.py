"""Ctrl-C, SIGTERM and a reader that left: the work ends early, everything is cleaned up, nobody sees a traceback."""

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
    """Ends the work within its scope. `signal` is the one that did it, None while there was none."""

    def __init__(self) -> None:
        self.scope = anyio.CancelScope()
        self.signal: int | None = None

    @property
    def exit_code(self) -> int:
        """As shells count it: 130 after Ctrl-C, 143 after SIGTERM. A reader that has enough is no error."""
        return 0 if self.signal is None else 128 + self.signal


class ReaderLeftError(Exception):
    """Nobody reads stdout any more (`| head`). It never reaches the user."""


def leave_on_signals() -> None:
    """Until the work has begun, a signal ends the program at once. Signals that the caller ignores stay ignored."""
    for number in _heeded():
        signal.signal(number, _leave)


async def run_until_stopped(work: Callable[[Stop], Awaitable[int]]) -> int:
    """The exit code of the work, or that of what stopped it."""
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
    """Whether somebody reads at the other end, at a pace of their own."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _heeded() -> list[int]:
    return [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    del frame
    raise SystemExit(128 + number)


async def _watch_signals(stop: Stop, *, task_status: TaskStatus[None]) -> None:
    """The first signal stops the work; a second one does not wait for it."""
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
