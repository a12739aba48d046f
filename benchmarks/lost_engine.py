"""Prove that an engine that dies is waited for, and one that stays away only once, not once a page."""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.harness.agents import result_text
from benchmarks.harness.model import Model, pictures_named
from benchmarks.harness.programs import READ, environment, running
from benchmarks.harness.proof import Proof
from benchmarks.harness.scans import make_scans
from tests.ports import free_port

FIRST_PAGES = 3
"""Pages that the engine answers before it dies."""


def prove_returning_engine(document: Path, *, pages: int, seconds: float, away_seconds: float) -> Proof:
    """Let the engine die in the middle of a page, and come back on the same address."""
    proof = Proof("lost engine")
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "read.md"
        env = environment(f"http://127.0.0.1:{port}", Path(name) / "cache", engine_wait_seconds=30)
        with running([*READ, document, "-o", output], env) as program:
            first = _answer_some(port, seconds)
            time.sleep(away_seconds)
            with Model(seconds=seconds, slots=1, port=port) as second:
                ended = program.wait()
        named = pictures_named(result_text(output)) if output.exists() else []
        proof.claim(
            f"one that comes back after {away_seconds:g} s is waited for",
            ended.code == 0 and len(set(named)) == pages,
            f"exit code {ended.code}, {len(named)} of {pages} pages",
        )
        proof.claim(
            "only the page in flight is computed again",
            first.calls + second.calls <= pages + 1,
            f"{first.calls} calls before, {second.calls} after",
        )
    return proof


def prove_engine_that_stays_away(document: Path, *, pages: int, seconds: float, wait_seconds: float) -> Proof:
    """Let the engine die and not come back."""
    proof = Proof("engine that stays away")
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "read.md"
        url = f"http://127.0.0.1:{port}"
        env = environment(url, Path(name) / "cache", engine_wait_seconds=wait_seconds)
        with running([*READ, document, "-o", output], env) as program:
            first = _answer_some(port, seconds)
            gone = time.monotonic()
            ended = program.wait()
        took = time.monotonic() - gone
        named = pictures_named(result_text(output)) if output.exists() else []
        proof.claim(
            f"it is waited for once: {wait_seconds:g} s for all {pages - first.answered} pages together",
            wait_seconds <= took < wait_seconds + 10,
            f"{took:.1f} s",
        )
        lines = ended.log.strip().splitlines()
        proof.claim(
            "what was read is kept, and the others fail with the reason",
            ended.code == 1
            and len(named) == first.answered
            and any("failed" in line and "cannot be reached" in line for line in lines),
            f"exit code {ended.code}, {len(named)} pages read",
        )
        proof.claim(
            "stderr says it in a few lines, not once a page",
            len(lines) <= 4 and not any("stamina" in line for line in lines),
            f"{len(lines)} lines, the first: {lines[0][:100] if lines else ''}",
        )
    return proof


def _answer_some(port: int, seconds: float) -> Model:
    """Run a model that dies in the middle of the page after the first few."""
    with Model(seconds=seconds, slots=1, port=port) as model:
        end = time.monotonic() + 60
        while model.calls <= FIRST_PAGES:
            if time.monotonic() > end:
                raise RuntimeError("the pages never reached the model")
            time.sleep(0.01)
    return model


def main() -> None:
    """Prove it with 40 pages of 0.3 s; the engine is away for 8 s, and for good with a wait of 10 s."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document = make_scans(Path(folder) / "scans.pdf", pages=40)
        one = prove_returning_engine(document, pages=40, seconds=0.3, away_seconds=8)
        two = prove_engine_that_stays_away(document, pages=40, seconds=0.3, wait_seconds=10)
        one.failures.extend(two.failures)
        one.end()


if __name__ == "__main__":
    main()
