"""A child process whose pipes are fast enough for pictures, as `ocr_mcp.runtime.byte_streams` explains."""

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
    """A process that `start_child` started. `arriving` is its stdout, `leaving` its stdin."""

    def __init__(self) -> None:
        super().__init__()
        self._transport: asyncio.SubprocessTransport | None = None
        self._exited = asyncio.Event()

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal; None while the process runs."""
        return None if self._transport is None else self._transport.get_returncode()

    def kill(self) -> None:
        """End the process and all processes that it started, at once. Do nothing if it has ended already."""
        pid = None if self._transport is None or self.returncode is not None else self._transport.get_pid()
        if self._transport is None or pid is None:
            return
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._transport.kill()
            else:
                os.killpg(pid, signal.SIGKILL)

    async def aclose(self) -> None:
        """Close the pipes and wait for the end of the process, which the caller has killed or knows to be ending."""
        if self._transport is None:
            return
        with CancelScope(shield=True):
            for descriptor in (_STDIN, _STDOUT):
                if pipe := self._transport.get_pipe_transport(descriptor):
                    pipe.close()
            await self._exited.wait()
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport and connect both pipes. asyncio calls this."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(_STDIN))
        stdin.set_write_buffer_limits(0)
        self.leaving.sink = stdin
        self.arriving.source = cast("asyncio.ReadTransport", self._transport.get_pipe_transport(_STDOUT))

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what the child wrote to its stdout. asyncio calls this."""
        if fd == _STDOUT:
            self.arriving.add(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """End the pipe's stream. asyncio calls this."""
        if fd == _STDOUT:
            self.arriving.end(exc)
        else:
            self.leaving.end(exc)

    def process_exited(self) -> None:
        """Let `aclose` return. asyncio calls this."""
        self._exited.set()


async def start_child(
    command: Sequence[str], *, stderr: int | None, env: Mapping[str, str], pass_fds: Collection[int]
) -> ChildProcess:
    """Start the command in a session of its own, so that it can be killed with everything that it starts."""
    _, protocol = await asyncio.get_running_loop().subprocess_exec(
        ChildProcess,
        *command,
        stderr=stderr,
        env=env,
        start_new_session=True,
        pass_fds=pass_fds,
    )
    return protocol
