"""How the server is reached: stdio, or HTTP on this machine."""

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from ocr_mcp.errors import UsageError
from ocr_mcp.server.state import ServerState

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve_stdio(server: MCPServer[ServerState]) -> None:
    """Serve one client on stdin and stdout until stdin closes."""
    server.run("stdio")


def serve_http(server: MCPServer[ServerState], address: str) -> None:
    """Serve clients on `http://HOST:PORT/mcp` until stopped. Raises `UsageError` for anything beyond loopback."""
    host, port = parse_address(address)
    hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[f"http://{name}" for name in hosts])
    server.run("streamable-http", host=host, port=port, transport_security=security)


def parse_address(address: str) -> tuple[str, int]:
    """`HOST:PORT`, `[::1]:PORT` or `:PORT`."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"'{address}' is not HOST:PORT.", hint="For example: --http 127.0.0.1:8000")
    if host not in LOOPBACK:
        raise UsageError(
            f"Serving on '{host}' would let other machines read this one's files.",
            hint="Serve on 127.0.0.1 and reach it through an SSH tunnel or a proxy that asks who is there.",
        )
    return host, int(port)
