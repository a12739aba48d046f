"""Starts the MCP server with a clean stdout: the client must not get what imports print."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from ocr_mcp.files.folders import default_folders
from ocr_mcp.runtime.parent_watch import PARENT, watching_parent
from ocr_mcp.settings import load_settings


def serve_tools(
    *,
    http: str | None,
    allow: list[Path],
    allow_url: bool,
    save_dir: list[Path] | None,
    engine: str | None,
    model: str | None,
) -> None:
    """Serve until the client goes (stdio) or until stopped (HTTP)."""
    settings = load_settings(
        allowed_folders=_resolved(allow),
        allow_url=allow_url or None,
        output_folders=_resolved(save_dir),
        engine=engine,
        model=model,
    )
    if settings.allowed_folders is None:
        settings = settings.model_copy(update={"allowed_folders": default_folders()})
    # Nobody waits for a server whose client is gone before it could serve.
    client_watch = watching_parent(partial(os._exit, 0), stdin=True) if http is None else nullcontext()
    with _stdout_on_stderr(), client_watch:
        from ocr_mcp.server.logs import configure_logs
        from ocr_mcp.server.tools import create_server
        from ocr_mcp.server.transports import parse_address, serve_http, serve_stdio

        configure_logs(settings.log_level)
        server = create_server(settings)
    # Text that a library left in the buffer would be flushed into the protocol at exit.
    sys.stdout.reconfigure(line_buffering=True)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    if http is None:
        serve_stdio(server, parent=PARENT)
    else:
        token = settings.http_token.get_secret_value() if settings.http_token else None
        serve_http(server, parse_address(http), token=token, allowed_hosts=settings.http_allowed_hosts)


def _resolved(folders: list[Path] | None) -> tuple[Path, ...] | None:
    return tuple(folder.expanduser().resolve() for folder in folders) if folders else None


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
