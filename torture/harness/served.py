"""A real server over stdio or HTTP, with a model that answers at once, and with pings all the while."""

import math
import os
import subprocess
import sys
import time
import warnings
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import anyio
import httpx
from mcp import Client, MCPDeprecationWarning, StdioServerParameters

from tests.ports import free_port
from torture.harness.memory import resident_bytes

Transport = Literal["stdio", "http"]
TRANSPORTS: tuple[Transport, ...] = ("stdio", "http")
_SERVE = [sys.executable, "-m", "ocr_mcp", "serve"]
_PING_PAUSE_SECONDS = 0.05
_START_SECONDS = 60


@dataclass
class Served:
    """A client of the server, the server's process, the times of its pings, and the most memory that was seen."""

    client: Client
    pid: int
    ping_seconds: list[float] = field(default_factory=list[float])
    most_bytes: int = 0

    @property
    def is_alive(self) -> bool:
        return resident_bytes(self.pid) > 0

    def ping_p99(self) -> float:
        """Return the seconds that 99 of 100 pings took at most."""
        ordered = sorted(self.ping_seconds)
        return ordered[math.ceil(len(ordered) * 0.99) - 1] if ordered else math.inf

    async def ping_for_ever(self) -> None:
        while True:
            began = time.monotonic()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MCPDeprecationWarning)
                await self.client.send_ping()  # pyright: ignore[reportDeprecated]  the newest protocol has no pings
            self.ping_seconds.append(time.monotonic() - began)
            self.most_bytes = max(self.most_bytes, resident_bytes(self.pid))
            await anyio.sleep(_PING_PAUSE_SECONDS)


@contextmanager
def model() -> Generator[str]:
    """Start a model in a process of its own, and yield its address."""
    command = [sys.executable, "-m", "tests.doubles.ollama_server", "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as double:
        try:
            assert double.stdout is not None
            yield double.stdout.readline().strip()
        finally:
            double.kill()


@asynccontextmanager
async def served(
    transport: Transport, *, model_url: str, folder: Path, render_seconds: float
) -> AsyncGenerator[Served]:
    """Start a server that may read the folder and keeps its cache in it."""
    own = {"OLLAMA_HOST": model_url, "OCR_MCP_ALLOWED_FOLDERS": str(folder), "OCR_MCP_ENGINE": "ollama"}
    env = (
        os.environ | own | {"OCR_MCP_CACHE_FOLDER": f"{folder}/cache", "OCR_MCP_RENDER_SECONDS": f"{render_seconds:g}"}
    )
    async with _over_stdio(env) if transport == "stdio" else _over_http(env, folder) as found, found.client:
        found.pid = found.pid or _child_that_serves()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(found.ping_for_ever)
            yield found
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def _over_stdio(env: dict[str, str]) -> AsyncGenerator[Served]:
    yield Served(Client(StdioServerParameters(command=_SERVE[0], args=_SERVE[1:], env=env), mode="legacy"), 0)


@asynccontextmanager
async def _over_http(env: dict[str, str], folder: Path) -> AsyncGenerator[Served]:
    port = free_port()
    with (folder / "log").open("wb") as log:
        server = await anyio.open_process([*_SERVE, "--http", f"127.0.0.1:{port}"], stdout=log, stderr=log, env=env)
    try:
        await _until_up(port)
        yield Served(Client(f"http://127.0.0.1:{port}/mcp", mode="legacy"), server.pid)
    finally:
        server.kill()
        await server.aclose()


async def _until_up(port: int) -> None:
    with anyio.fail_after(_START_SECONDS):
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{port}/")
                except httpx.TransportError:
                    await anyio.sleep(0.2)
                else:
                    return


def _child_that_serves() -> int:
    """Return the server that the client in this process started."""
    children = [pid for tasks in Path("/proc/self/task").iterdir() for pid in (tasks / "children").read_text().split()]
    (found,) = (int(pid) for pid in children if b"\0serve\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return found
