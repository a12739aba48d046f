"""Prove that a client with a short limit and no progress still gets the whole of a long, slow document."""

import argparse
import tempfile
import time
from pathlib import Path

import anyio
from mcp import Client

from benchmarks.harness.agents import read_by_calls, stdio_server
from benchmarks.harness.model import Model, pictures_named
from benchmarks.harness.programs import environment
from benchmarks.harness.proof import Proof
from benchmarks.harness.scans import make_scans


async def prove_short_limit(
    document: Path, *, pages: int, seconds: float, slots: int, budget_seconds: float, limit_seconds: float
) -> Proof:
    """Read with a client that gives up after `limit_seconds` and asks `ocr_pdf` to keep to `budget_seconds`."""
    proof = Proof("short limit")
    with tempfile.TemporaryDirectory() as cache, Model(seconds=seconds, slots=slots) as model:
        env = environment(model.url, Path(cache), parallel=slots)
        started = time.monotonic()
        async with Client(stdio_server(env), read_timeout_seconds=limit_seconds) as client:
            read = await read_by_calls(client, document, budget_seconds=budget_seconds)
        took = time.monotonic() - started
        named = pictures_named(read.text)
        proof.claim(
            "repeated calls finish the document, every page in it once",
            len(named) == len(set(named)) == pages and not read.failed_pages,
            f"{len(named)} pages in {len(read.texts)} calls, {took:.1f} s;"
            f" the model alone {model.limit_seconds(pages):.1f} s",
        )
        proof.claim(
            f"no call runs over its budget of {budget_seconds:g} s",
            max(read.seconds) <= budget_seconds,
            f"the longest took {max(read.seconds):.2f} s",
        )
        proof.claim(
            "every page is computed once",
            model.calls == pages and max(model.asked.values()) == 1,
            f"{model.calls} calls of the model",
        )
    return proof


def main() -> None:
    """Prove it with 300 pages of 5 s for a client with a limit of 60 s: 25 minutes with one slot, 6 to 7 with four."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--slots", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document = make_scans(Path(folder) / "scans.pdf", pages=options.pages)

        async def prove() -> Proof:
            return await prove_short_limit(
                document,
                pages=options.pages,
                seconds=options.seconds,
                slots=options.slots,
                budget_seconds=45,
                limit_seconds=60,
            )

        anyio.run(prove).end()


if __name__ == "__main__":
    main()
