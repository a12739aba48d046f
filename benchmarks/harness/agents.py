"""An MCP client that reads a document as agents do, calling again until the document is complete."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from mcp import Client, StdioServerParameters

from tests.ports import free_port

MAX_CALLS = 2000
"""Calls for one document after which a read is given up."""

_START_TRIES = 300
_START_PAUSE_SECONDS = 0.1


@dataclass(slots=True)
class ReadByCalls:
    """Results of all calls for one document in order, with the seconds that each call took."""

    texts: list[str] = field(default_factory=list[str])
    seconds: list[float] = field(default_factory=list[float])
    failed_pages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    offsets: list[int] = field(default_factory=list[int])
    last: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def text(self) -> str:
        """Text of the whole document."""
        return "".join(self.texts)


def stdio_server(env: dict[str, str]) -> StdioServerParameters:
    """Return the command of a server that a client starts over stdio."""
    own = {name: value for name, value in env.items() if name.startswith("OCR_MCP_")}
    return StdioServerParameters(command=sys.executable, args=["-m", "ocr_mcp", "serve"], env=own)


@contextmanager
def http_server(env: dict[str, str]) -> Generator[str]:
    """Start a server on loopback, and yield its URL once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "ocr_mcp", "serve", "--http", f"127.0.0.1:{port}"]
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=silent, stderr=silent, env=os.environ | env) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    with httpx.Client(timeout=1) as client:
        for _ in range(_START_TRIES):
            try:
                client.get(f"http://127.0.0.1:{port}/")
            except httpx.TransportError:
                time.sleep(_START_PAUSE_SECONDS)
            else:
                return
    raise RuntimeError("the server did not start")


async def read_by_calls(client: Client, source: Path, **arguments: Any) -> ReadByCalls:
    """Call `ocr_pdf` until the document is complete, as the tool's description tells agents to."""
    read = ReadByCalls()
    where: dict[str, Any] = {}
    for _ in range(MAX_CALLS):
        started = time.monotonic()
        answer = await client.call_tool("ocr_pdf", {"source": str(source), **arguments, **where})
        read.seconds.append(time.monotonic() - started)
        result = answer.structured_content
        if answer.is_error or result is None:
            raise RuntimeError(f"ocr_pdf failed: {answer.content}")
        read.texts.append(result["text"])
        read.failed_pages.extend(result["failed_pages"])
        read.last = result
        if result["next_page"] is None:
            return read
        read.offsets.append(result["next_offset"])
        where = {"start_page": result["next_page"], "offset": result["next_offset"]}
    raise RuntimeError(f"the document was not complete after {MAX_CALLS} calls")


def result_text(path: Path) -> str:
    """Return the text that `ocr-mcp read -o` wrote, with its line ends as they are."""
    return path.read_bytes().decode("utf-8")
