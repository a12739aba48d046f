"""TCP connections to model servers, see `ocr_mcp.runtime.byte_streams` for why they are not anyio's."""

import asyncio
from ipaddress import ip_address
from socket import SOCK_STREAM
from typing import cast

import anyio
from anyio.lowlevel import cancel_shielded_checkpoint

from ocr_mcp.runtime.byte_streams import BothWays


class Connection(BothWays, asyncio.Protocol):
    """One connection. `arriving` ends where the server ends its answer, `leaving` where it takes no more."""

    def __init__(self) -> None:
        super().__init__()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = self.arriving.source = self.leaving.sink = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(0)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self.arriving.add(data)

    def eof_received(self) -> bool:
        """Called by asyncio. The server may still read."""
        self.arriving.end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self.arriving.end(exc)
        self.leaving.end(exc)

    async def aclose(self) -> None:
        """Close it at once, whatever is under way; the server sees that when this returns."""
        if self._transport is not None:
            self._transport.abort()
        await cancel_shielded_checkpoint()


class Connector:
    """Connects to hosts. It remembers at which of its addresses a host answered last."""

    def __init__(self) -> None:
        self._answered: dict[tuple[str, int], str] = {}

    async def connect(self, host: str, port: int, *, seconds: float | None) -> Connection:
        """A connection within so many seconds, which the addresses of a name share. Raises `OSError`."""
        known = self._answered.get((host, port))
        if known is not None or _is_address(host):
            try:
                return await _connect_to(known or host, port, seconds)
            except OSError:
                if known is None:
                    raise
                del self._answered[host, port]
        addresses = await _addresses(host, port, seconds)
        failure: OSError | None = None
        for address in addresses:
            try:
                connection = await _connect_to(address, port, seconds and seconds / len(addresses))
            except OSError as error:
                failure = failure or error
            else:
                self._answered[host, port] = address
                return connection
        raise failure or OSError(f"{host} has no address")


async def _connect_to(address: str, port: int, seconds: float | None) -> Connection:
    with anyio.fail_after(seconds):  # TimeoutError is an OSError
        _, connection = await asyncio.get_running_loop().create_connection(Connection, address, port)
    return connection


async def _addresses(host: str, port: int, seconds: float | None) -> list[str]:
    with anyio.fail_after(seconds):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
