"""Prove that no result is longer than its limit, and that the joined results equal the command line's output.

The outputs are compared to the byte.
"""

import argparse
import tempfile
from pathlib import Path

import anyio
from mcp import Client

from benchmarks.harness.agents import read_by_calls, result_text, stdio_server
from benchmarks.harness.model import Model
from benchmarks.harness.programs import READ, environment, run
from benchmarks.harness.proof import Proof
from benchmarks.harness.scans import make_scans

SMALL_RESULT_CHARACTERS = 2500
"""A limit below the length of one page."""


async def prove_dense_pages(document: Path, *, pages: int, characters: int = 6000, max_chars: int = 24_000) -> Proof:
    """Read a document by calls, then again with results smaller than a page, then with the command line."""
    proof = Proof("dense pages")
    with tempfile.TemporaryDirectory() as name, Model(seconds=0.0, slots=8, characters=characters) as model:
        env = environment(model.url, Path(name) / "cache", parallel=8)
        async with Client(stdio_server(env)) as client:
            whole = await read_by_calls(client, document, max_chars=max_chars)
            some = f"1-{min(pages, 20)}"
            cut = await read_by_calls(client, document, pages=some, max_chars=SMALL_RESULT_CHARACTERS)
        output = Path(name) / "read.md"
        await anyio.to_thread.run_sync(run, [*READ, document, "-o", output], env)
        some_output = Path(name) / "some.md"
        await anyio.to_thread.run_sync(run, [*READ, document, "--pages", some, "-o", some_output], env)
        proof.claim(
            f"no result is longer than {max_chars}",
            max(map(len, whole.texts)) <= max_chars,
            f"{len(whole.texts)} results, the longest {max(map(len, whole.texts))}",
        )
        _same(proof, "the results joined are the command line's output", whole.text, result_text(output))
        proof.claim(
            f"a page larger than {SMALL_RESULT_CHARACTERS} is continued with an offset",
            max(map(len, cut.texts)) <= SMALL_RESULT_CHARACTERS and any(cut.offsets),
            f"{len(cut.texts)} results, the longest {max(map(len, cut.texts))}, {sum(map(bool, cut.offsets))} offsets",
        )
        _same(proof, "these too are the command line's output", cut.text, result_text(some_output))
        proof.claim("each page was computed once for all of that", model.calls == pages, f"{model.calls} calls")
    return proof


def _same(proof: Proof, sentence: str, ours: str, expected: str) -> None:
    end = ours.removesuffix("\n") == expected.removesuffix("\n") and ours != expected
    figures = f"{len(ours)} and {len(expected)} characters{', but for the last line end' if end else ''}"
    proof.claim(sentence, ours == expected, figures)


def main() -> None:
    """Prove it with 500 pages of 6,000 characters unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document = make_scans(Path(folder) / "scans.pdf", pages=options.pages)

        async def prove() -> Proof:
            return await prove_dense_pages(document, pages=options.pages)

        anyio.run(prove).end()


if __name__ == "__main__":
    main()
