"""Serves over stdio or HTTP."""

import ipaddress
from dataclasses import dataclass

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from ocr_mcp.errors import UsageError
from ocr_mcp.runtime.event_loop import run_in_loop
from ocr_mcp.server.lifetime import exit_with, until_told_to_stop
from ocr_mcp.server.state import ServerState

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
GRACE_SECONDS = 2
"""Time for calls that are running when the server is told to stop."""


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """An address to listen on. `host` is a name or an address without brackets."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """True if only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def shown(self) -> str:
        """The address as a Host header has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def serve_stdio(server: MCPServer[ServerState], *, parent: int) -> None:
    """Serve one client on stdin and stdout, until stdin closes, the process `parent` is gone or a signal comes."""
    exit_with(run_in_loop(until_told_to_stop, server.run_stdio_async, parent))


def serve_http(
    server: MCPServer[ServerState], address: HttpAddress, *, token: str | None, allowed_hosts: tuple[str, ...]
) -> None:
    """Serve clients on `http://HOST:PORT/mcp` until stopped.

    Every request needs a Host (and, from a browser, an Origin) that names this server. Raises `UsageError` for an
    address beyond this machine without a token.
    """
    import uvicorn

    from ocr_mcp.server.http_door import Door

    refuse_open_door(address, token)
    app = server.streamable_http_app(host=address.host, transport_security=security(address, allowed_hosts))
    door = Door(app, token)
    config = uvicorn.Config(
        door,
        http=door.protocol(),
        ws="none",
        proxy_headers=False,  # the door knows connections by their own addresses
        host=address.host,
        port=address.port,
        log_config=None,  # as ocr_mcp.server.logs has it
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run()


def refuse_open_door(address: HttpAddress, token: str | None) -> None:
    """Raise `UsageError` for an address beyond loopback without a token: whoever connects could read the files."""
    if not address.is_loopback and not token:
        raise UsageError(
            f"Serving on '{address.host}' lets other machines read this one's files.",
            hint="Serve on 127.0.0.1, or set OCR_MCP_HTTP_TOKEN to a secret that clients must send.",
        )


def security(address: HttpAddress, allowed_hosts: tuple[str, ...]) -> TransportSecuritySettings:
    """Return the Host and Origin headers that are let in: a web page cannot send them through a name of its own."""
    names = [f"{name}:{address.port}" for name in LOOPBACK_NAMES] if address.is_loopback else [address.shown]
    names += [name if ":" in name else f"{name}:{address.port}" for name in allowed_hosts]
    origins = [f"{scheme}://{name}" for name in names for scheme in ("http", "https")]
    return TransportSecuritySettings(allowed_hosts=names, allowed_origins=origins)


def parse_address(address: str) -> HttpAddress:
    """Parse `HOST:PORT`, `[::1]:PORT`, `:PORT` or `PORT`. Without a host, only this machine can connect."""
    host, _, port = address.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"'{address}' is not HOST:PORT.", hint="For example: --http 127.0.0.1:8000")
    return HttpAddress(host.strip("[]") or "127.0.0.1", int(port))
