"""Prove that `kill -9` in the middle of a document costs the pages in flight and nothing else."""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.harness.agents import result_text
from benchmarks.harness.model import Model
from benchmarks.harness.programs import READ, environment, run, running
from benchmarks.harness.proof import Proof
from benchmarks.harness.scans import make_scans


def prove_killed_read(document: Path, *, pages: int, seconds: float, slots: int = 1) -> Proof:
    """Kill `ocr-mcp read` when the model has answered half of the pages, run it again, and compare the results."""
    proof = Proof("killed read")
    half = pages // 2
    with tempfile.TemporaryDirectory() as name, Model(seconds=seconds, slots=slots) as model:
        folder = Path(name)
        env = environment(model.url, folder / "cache", parallel=slots)
        output = folder / "killed.md"
        with running([*READ, document, "-o", output], env) as program:
            while model.answered < half:
                time.sleep(0.005)
            program.kill()
        first_calls = model.calls
        left = sorted(path.name for path in folder.iterdir())
        run([*READ, document, "-o", output], env)
        second_calls = model.calls - first_calls
        proof.claim(
            f"the second run makes {pages - half} calls of the model, those in flight once more at most",
            pages - half <= second_calls <= pages - half + slots and max(model.asked.values()) <= 2,
            f"killed after {half} answers and {first_calls} calls, then {second_calls} calls",
        )
        proof.claim("no half-written result is left", "killed.md" not in left, f"left were {', '.join(left)}")
        undisturbed = folder / "undisturbed.md"
        run([*READ, document, "-o", undisturbed], environment(model.url, folder / "other", parallel=slots))
        proof.claim(
            "the result is identical to that of an undisturbed run",
            result_text(output) == result_text(undisturbed),
            f"{output.stat().st_size} and {undisturbed.stat().st_size} bytes",
        )
    return proof


def main() -> None:
    """Prove it with 300 pages of 0.2 s unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--slots", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document = make_scans(Path(folder) / "scans.pdf", pages=options.pages)
        prove_killed_read(document, pages=options.pages, seconds=options.seconds, slots=options.slots).end()


if __name__ == "__main__":
    main()
