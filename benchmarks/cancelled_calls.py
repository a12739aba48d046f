"""Prove that a cancelled call frees the model within a second, over stdio and HTTP, in both eras of the protocol."""

import argparse
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from mcp import Client

from benchmarks.harness.agents import http_server, stdio_server
from benchmarks.harness.model import Model
from benchmarks.harness.programs import environment
from benchmarks.harness.proof import Proof
from benchmarks.harness.scans import make_scans

TRANSPORTS = ("stdio", "http")
MODES = ("legacy", "auto")
TOOLS = ("ocr_page", "ocr_pdf")


@asynccontextmanager
async def _connected(transport: str, mode: str, env: dict[str, str]) -> AsyncGenerator[Client]:
    if transport == "stdio":
        async with Client(stdio_server(env), mode=mode) as client:
            yield client
    else:
        with http_server(env) as url:
            async with Client(url, mode=mode) as client:
                yield client


async def prove_cancelled_calls(
    document: Path, *, transports: tuple[str, ...] = TRANSPORTS, modes: tuple[str, ...] = MODES
) -> Proof:
    """Cancel every tool's call in the middle of a page that would take a minute."""
    proof = Proof("cancelled calls")
    for transport in transports:
        for mode in modes:
            with tempfile.TemporaryDirectory() as cache, Model(seconds=60, slots=4) as model:
                async with _connected(transport, mode, environment(model.url, Path(cache))) as client:
                    for tool in TOOLS:
                        await _cancel(proof, client, model, document, f"{tool} over {transport} ({mode})", tool=tool)
    return proof


async def _cancel(proof: Proof, client: Client, model: Model, document: Path, what: str, *, tool: str) -> None:
    before = model.calls
    cancelled = 0.0
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, tool, {"source": str(document), "text_layer": "never"})
        with anyio.fail_after(30):
            while model.calls == before:  # noqa: ASYNC110  the model runs in another thread
                await anyio.sleep(0.01)
        await anyio.sleep(0.2)
        cancelled = time.monotonic()
        tasks.cancel_scope.cancel()
    left = await anyio.to_thread.run_sync(model.left_within, 5.0)
    took = max((request.left_at or 0.0) for request in model.generations) - cancelled
    proof.claim(
        f"the model is free within a second of cancelling {what}",
        left and took < 1.0,
        f"{took * 1000:.0f} ms" if left else "the connection was still open after 5 s",
    )
    tools = await client.list_tools()
    proof.claim(f"the session goes on after cancelling {what}", bool(tools.tools), f"{len(tools.tools)} tools")


def main() -> None:
    """Prove all eight combinations of tool, transport and era."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        anyio.run(prove_cancelled_calls, make_scans(Path(folder) / "scans.pdf", pages=3)).end()


if __name__ == "__main__":
    main()
