"""Start the MCP server with a clean stdout: what imports print must not reach the client."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ocr_mcp.settings import load_settings


def serve_tools(*, http: str | None, allow: list[Path] | None, engine: str | None, model: str | None) -> None:
    """Serve until the client goes (stdio) or until stopped (HTTP)."""
    folders = tuple(folder.expanduser().resolve() for folder in allow) if allow else None
    settings = load_settings(allowed_folders=folders, engine=engine, model=model)
    with _stdout_on_stderr():
        from ocr_mcp.server.tools import create_server
        from ocr_mcp.server.transports import serve_http, serve_stdio

        server = create_server(settings)
    # Text that a library left in the buffer would be flushed into the protocol at exit.
    sys.stdout.reconfigure(line_buffering=True)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    if http is None:
        serve_stdio(server)
    else:
        serve_http(server, http)


@contextmanager
def _stdout_on_stderr() -> Generator[None]:
    wire = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
        sys.stdout.flush()
    finally:
        os.dup2(wire, 1)
        os.close(wire)
