"""Prove that the model reads each page once where two processes read the same document at once."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.harness.agents import result_text
from benchmarks.harness.model import Model
from benchmarks.harness.programs import READ, Program, environment
from benchmarks.harness.proof import Proof
from benchmarks.harness.scans import make_scans


def prove_two_processes(document: Path, *, pages: int, seconds: float, slots: int = 1) -> Proof:
    """Start both at the same time, with the same cache and the same model."""
    proof = Proof("two processes")
    with tempfile.TemporaryDirectory() as name, Model(seconds=seconds, slots=slots) as model:
        folder = Path(name)
        env = environment(model.url, folder / "cache", parallel=slots)
        outputs = [folder / "one.md", folder / "two.md"]
        ended = [program.wait() for program in [Program([*READ, document, "-o", each], env) for each in outputs]]
        proof.claim("both finish", all(each.code == 0 for each in ended), f"exit codes {[each.code for each in ended]}")
        proof.claim(
            "no page is computed twice beyond those in flight",
            pages <= model.calls <= pages + slots,
            f"{model.calls} calls of the model for {pages} pages",
        )
        one, two = (result_text(each) for each in outputs)
        proof.claim("their results are identical", one == two, f"{len(one)} and {len(two)} characters")
        first, second = sorted(each.seconds for each in ended)
        proof.claim(
            "neither holds the other up",
            second < 1.3 * first + 2,
            f"{first:.1f} and {second:.1f} s; the model needs {pages * seconds / slots:.1f} s",
        )
    return proof


def main() -> None:
    """Prove it with 100 pages of 0.3 s unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=0.3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        document = make_scans(Path(folder) / "scans.pdf", pages=options.pages)
        prove_two_processes(document, pages=options.pages, seconds=options.seconds).end()


if __name__ == "__main__":
    main()
