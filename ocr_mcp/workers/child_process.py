"""A process whose pipes pictures go through, see `ocr_mcp.runtime.byte_streams` for why they are not anyio's."""

import asyncio
import os
import signal
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import cast

from anyio import CancelScope

from ocr_mcp.runtime.byte_streams import BothWays

_STDIN, _STDOUT = 0, 1


class ChildProcess(BothWays, asyncio.SubprocessProtocol):
    """Made by `start_child`. `arriving` is its stdout, `leaving` its stdin."""

    def __init__(self) -> None:
        super().__init__()
        self._transport: asyncio.SubprocessTransport | None = None
        self._exited = asyncio.Event()

    @property
    def returncode(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        return None if self._transport is None else self._transport.get_returncode()

    def kill(self) -> None:
        """End it at once, with all processes that it started. Nothing happens where it has ended."""
        pid = None if self._transport is None or self.returncode is not None else self._transport.get_pid()
        if self._transport is None or pid is None:
            return
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._transport.kill()
            else:
                os.killpg(pid, signal.SIGKILL)

    async def aclose(self) -> None:
        """Close its pipes and wait for its end: whoever calls this has killed it, or knows that it ends."""
        if self._transport is None:
            return
        with CancelScope(shield=True):
            for descriptor in (_STDIN, _STDOUT):
                if pipe := self._transport.get_pipe_transport(descriptor):
                    pipe.close()
            await self._exited.wait()
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(_STDIN))
        stdin.set_write_buffer_limits(0)
        self.leaving.sink = stdin
        self.arriving.source = cast("asyncio.ReadTransport", self._transport.get_pipe_transport(_STDOUT))

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Called by asyncio."""
        if fd == _STDOUT:
            self.arriving.add(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Called by asyncio."""
        if fd == _STDOUT:
            self.arriving.end(exc)
        else:
            self.leaving.end(exc)

    def process_exited(self) -> None:
        """Called by asyncio."""
        self._exited.set()


async def start_child(
    command: Sequence[str], *, stderr: int | None, env: Mapping[str, str], pass_fds: Collection[int]
) -> ChildProcess:
    """The process, in a session of its own."""
    _, protocol = await asyncio.get_running_loop().subprocess_exec(
        ChildProcess,
        *command,
        stderr=stderr,
        env=env,
        start_new_session=True,
        pass_fds=pass_fds,
    )
    return protocol
