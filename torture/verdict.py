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
    end_with(run(_parser(full).parse_args().count))


def conclude_in_parts(run: Callable[[int, int], Verdict], *, full: int) -> NoReturn:
    """The same for a script whose counts add up: `--start` is how many were done before, so that parts differ."""
    parser = _parser(full)
    parser.add_argument("--start", type=int, default=0, help="go on after so many that an earlier call did")
    options = parser.parse_args()
    end_with(run(options.count, options.start))


def _parser(full: int) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("count", nargs="?", type=int, default=full, help=f"how often, {full} unless given")
    return parser


def end_with(verdict: Verdict) -> NoReturn:
    """Print the line, and exit with 0 if the promise held."""
    print(verdict.figures, "PASS" if verdict.passed else "FAIL")
    sys.exit(0 if verdict.passed else 1)
