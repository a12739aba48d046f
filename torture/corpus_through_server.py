"""Send every hostile file through every tool of a real server, over stdio and over HTTP, while it is pinged."""

import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from mcp.types import CallToolResult, TextContent

from torture.corpus.expectations import HostileFile, write_corpus
from torture.harness.served import TRANSPORTS, Served, Transport, model, served
from torture.harness.verdict import Part, Verdict, conclude_in_parts

FULL = 1_000
QUICK = 6
"""Files of the corpus, which has fewer than a thousand."""

RENDER_SECONDS = 3.0
MAX_SECONDS = 2 * RENDER_SECONDS + 1.5
"""Limit of a call: it may read a page twice, for its own text and for its picture, and start a worker each time."""

MAX_GROWTH_BYTES = 50_000_000
MAX_PING_SECONDS = 0.1
TOOLS: Mapping[str, Mapping[str, object]] = {
    "ocr_page": {"text_layer": "never"},
    "ocr_pdf": {"pages": "1"},
    "parse_chart": {},
}
_TYPED = re.compile(r"([A-Z][A-Z_]+): ")
_CHART_CODES = frozenset({"ENGINE_PROTOCOL", "NO_CHART"})  # the model's answer is no chart


@dataclass
class Tally:
    """Unexpected outcomes, and the longest call, the largest growth and the slowest pings."""

    calls: int = 0
    wrong: list[str] = field(default_factory=list[str])
    longest: float = 0.0
    growth: int = 0
    ping_p99: float = 0.0
    exits: int = 0

    def passed(self) -> bool:
        held = self.longest <= MAX_SECONDS and self.growth <= MAX_GROWTH_BYTES and self.ping_p99 <= MAX_PING_SECONDS
        return held and not self.wrong and not self.exits


def run(part: Part) -> Verdict:
    """Send a part of the files."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-corpus-") as folder, model() as url:
        files = list(write_corpus(Path(folder)).items())
        chosen = [files[number] for number in range(part.start, min(part.start + part.count, len(files)))]
        for transport in TRANSPORTS:
            anyio.run(_through, transport, chosen, url, Path(folder), tally)
    figures = (
        f"{len(chosen)} hostile files from {part.start} on, {tally.calls} calls over {' and '.join(TRANSPORTS)}:"
        f" {len(tally.wrong)} unexpected {tally.wrong[:9] or ''}, longest {tally.longest:.1f} s of {MAX_SECONDS:g},"
        f" server grew {tally.growth / 1e6:.0f} MB, ping p99 {tally.ping_p99 * 1000:.0f} ms, {tally.exits} exits"
    )
    return Verdict(figures, tally.passed())


async def _through(
    transport: Transport, files: list[tuple[HostileFile, Path]], url: str, folder: Path, tally: Tally
) -> None:
    async with served(transport, model_url=url, folder=folder, render_seconds=RENDER_SECONDS) as server:
        await _warm_up(server, folder / "one_pixel.png")
        before = server.most_bytes
        server.ping_seconds.clear()
        for file, path in files:
            for tool, arguments in TOOLS.items():
                await _call(server, tool, {"source": str(path), **arguments}, file, tally)
        tally.growth = max(tally.growth, server.most_bytes - before)
        tally.ping_p99 = max(tally.ping_p99, server.ping_p99())
        tally.exits += not server.is_alive


async def _warm_up(server: Served, picture: Path) -> None:
    """Call every tool once, because what the first calls import is not growth."""
    for tool, arguments in TOOLS.items():
        await server.client.call_tool(tool, {"source": str(picture), **arguments})
    await anyio.sleep(0.5)


async def _call(server: Served, tool: str, arguments: dict[str, object], file: HostileFile, tally: Tally) -> None:
    began = time.monotonic()
    result = await server.client.call_tool(tool, arguments)
    tally.calls += 1
    tally.longest = max(tally.longest, time.monotonic() - began)
    code = code_of(result)
    is_no_chart = tool == "parse_chart" and code in _CHART_CODES and "OK" in file.codes
    if code not in file.codes and not is_no_chart:
        tally.wrong.append(f"{tool} {file.name}: {code}")


def code_of(result: CallToolResult) -> str:
    """Return the code of an error, "OK", or "UNTYPED" for an error without one."""
    if not result.is_error:
        return "OK"
    text = "".join(content.text for content in result.content if isinstance(content, TextContent))
    typed = _TYPED.search(text)
    return typed.group(1) if typed else "UNTYPED"


if __name__ == "__main__":
    conclude_in_parts(run, full=FULL)
