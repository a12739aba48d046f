"""What every script ends with: one line of figures, and whether the promise held."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures as they are to be read, and whether the promise held."""

    figures: str
    passed: bool


def conclude(run: Callable[[int], Verdict], *, full: int) -> NoReturn:
    """Run a script as a program: `python -m torture.NAME [COUNT]`."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("count", nargs="?", type=int, default=full, help=f"how often, {full} unless given")
    verdict = run(parser.parse_args().count)
    print(verdict.figures, "PASS" if verdict.passed else "FAIL")
    sys.exit(0 if verdict.passed else 1)
